namespace StreamingPg.Core.Integrity;

/// <summary>What a check is called and what a finding means.</summary>
/// <param name="Name">Name of the check.</param>
/// <param name="Severity">How much a finding matters.</param>
/// <param name="Detail">What a finding means, and what to do.</param>
internal sealed record CheckText(string Name, IntegritySeverity Severity, string Detail)
{
    /// <summary>The result of the check.</summary>
    public IntegrityResult Result(string table, long count, IReadOnlyList<string> sampleKeys, TimeSpan duration) => new()
    {
        Check = Name,
        Table = table,
        Count = count,
        Severity = Severity,
        SampleKeys = sampleKeys,
        Detail = Detail,
        Duration = duration,
    };

    /// <summary>The result of a check of a table without rows.</summary>
    public IntegrityResult NothingToCheck(string table) => Result(table, 0, [], TimeSpan.Zero) with { HasRows = false };

    /// <summary>The result of a check that could not be made.</summary>
    public IntegrityResult Failed(string table, StreamingException error, TimeSpan duration) => Result(table, 0, [], duration) with
    {
        Error = error.Message,
        Detail = $"The check could not be made: {error.Message}",
    };
}
