namespace StreamingPg.Core.Model;

/// <summary>A CHECK constraint of a table.</summary>
/// <param name="Name">Name of the constraint; null lets one be made.</param>
/// <param name="Expression">SQL expression that every row must satisfy.</param>
public sealed record CheckModel(string? Name, string Expression);
