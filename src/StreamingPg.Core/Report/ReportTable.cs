namespace StreamingPg.Core.Report;

/// <summary>A table of a report.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Heads">Heads of the columns.</param>
/// <param name="Rows">The rows.</param>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<ReportRow> Rows);
