namespace StreamingPg.Core.Report;

/// <summary>A row of a <see cref="ReportTable"/>.</summary>
/// <param name="Cells">Its cells.</param>
/// <param name="Style">Class of the style sheet: <c>good</c>, <c>warning</c>, <c>bad</c> or nothing.</param>
internal sealed record ReportRow(IReadOnlyList<string> Cells, string Style = "")
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
}
