namespace StreamingPg.Core.Catalog;

/// <summary>
/// The names of what -WidenKey adds to tables until the keys are bigint: nothing of it belongs to the tables as others see them, so the
/// catalog is read without it.
/// </summary>
internal static class WideningNames
{
    /// <summary>What the names of columns, indexes, constraints and functions begin with; a number makes them unique.</summary>
    public const string Prefix = "streamingpg_wide_";

    /// <summary>The trigger. Triggers run in the order of their names: this one after any that changes the key.</summary>
    public const string Trigger = "~streamingpg_wide";

    /// <summary>SQL condition that a name is not one of these.</summary>
    /// <param name="name">SQL of the name.</param>
    public static string NotOne(string name) => $"NOT starts_with({name}::text, '{Prefix}')";
}
