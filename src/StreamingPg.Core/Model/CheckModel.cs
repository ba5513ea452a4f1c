namespace StreamingPg.Core.Model;

/// <summary>A CHECK constraint of a table.</summary>
/// <param name="Name">Name of the constraint; null lets one be made.</param>
/// <param name="Expression">SQL expression that every row must satisfy.</param>
public sealed record CheckModel(string? Name, string Expression)
{
    /// <summary>True when metadata says that the columns are made to satisfy it, whatever we understand of it.</summary>
    public bool IsTrusted { get; init; }
}
