using System.Globalization;
using StreamingPg.Core.Health;

namespace StreamingPg.Core.Report;

/// <summary>The tables of a report, and the few figures at its head.</summary>
internal sealed class ReportTables(ReportData data)
{
    /// <summary>The figures at the head: name, value, style.</summary>
    public IEnumerable<(string Name, string Value, string Style)> Tiles()
    {
        yield return ("Rows", DisplayText.Rows(data.Growth.Sum(table => table.Rows), data.Growth.Any(table => table.IsEstimate)), "");
        yield return ("On disk", DisplayText.Bytes(data.Growth.Sum(table => table.TotalBytes)), "");
        yield return ("Batches", DisplayText.Count(data.Timeline.Buckets.Sum(bucket => bucket.Batches)), "");
        yield return ("Retries", DisplayText.Count(data.Timeline.Buckets.Sum(bucket => bucket.Retries)), "");
        yield return Integrity();
        yield return Health();
    }

    /// <summary>Rows and sizes by table.</summary>
    public ReportTable Sizes() => new(
        "",
        ["Table", "Rows", "Last batch", $"Last {DisplayText.Duration(data.Growth.Count > 0 ? data.Growth[0].Period : null)}", "Updated", "Table size", "Index size"],
        [.. data.Growth.Select(table => new ReportRow(
        [
            table.Table,
            DisplayText.Rows(table.Rows, table.IsEstimate),
            DisplayText.Count(table.LastBatch),
            DisplayText.Count(table.InPeriod),
            DisplayText.Count(table.UpdatedInPeriod),
            DisplayText.Bytes(table.TableBytes),
            DisplayText.Bytes(table.IndexBytes),
        ]))]);

    /// <summary>The tables that have a section of their own.</summary>
    public IEnumerable<ReportTable> Sections() => [Relationships(), IntegrityResults(), HealthResults(), Settings()];

    private (string Name, string Value, string Style) Integrity()
    {
        if (data.Integrity is not { } results)
        {
            return ("Integrity", "not checked", "");
        }

        var broken = results.Count(result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error });
        var warnings = results.Count(result => result.Status == IntegrityStatus.Broken) - broken;
        var failed = results.Count(result => result.Status == IntegrityStatus.Error);
        var passed = results.Count(result => result.Status == IntegrityStatus.Passed);
        var partly = results.Count(result => result.Status == IntegrityStatus.VisibleRowsOnly);
        var without = results.Count(result => result.Status == IntegrityStatus.NothingToCheck);
        var unknown = results.Count(result => result.Status == IntegrityStatus.Unknown);
        return broken > 0 ? ("Integrity", $"{broken} broken", ReportRow.Bad)
            : failed > 0 ? ("Integrity", $"{failed} checks failed to run", ReportRow.Bad)
            : warnings > 0 ? ("Integrity", $"{warnings} warnings", ReportRow.Warning)
            : unknown > 0 ? ("Integrity", $"{passed} checks passed, {unknown} unknown", "")
            : partly > 0 ? ("Integrity", $"{passed} checks passed, {partly} more on visible rows only", "")
            : without > 0 && results.All(result => (result.Status == IntegrityStatus.Passed) == result.Check.StartsWith("ForeignKeyConstraint", StringComparison.Ordinal))
                ? ("Integrity", "nothing to check", "")
            : without > 0 ? ("Integrity", $"{passed} checks passed, {without} had nothing to check", ReportRow.Good)
            : ("Integrity", $"{passed} checks passed", ReportRow.Good);
    }

    private (string Name, string Value, string Style) Health()
    {
        var verdict = HealthChecker.Verdict(data.Health);
        var count = data.Health.Count(result => result.Status == verdict);
        var unknown = data.Health.Count(result => result.Status == HealthStatus.Unknown);
        return verdict switch
        {
            HealthStatus.Critical => ("Health", $"{count} critical", ReportRow.Bad),
            HealthStatus.Warning => ("Health", $"{count} warnings", ReportRow.Warning),
            HealthStatus.Ok => ("Health", $"{count} checks ok" + (unknown > 0 ? $", {unknown} unknown" : ""), ReportRow.Good),
            _ => ("Health", $"{data.Health.Count(result => result.Status == HealthStatus.Ok)} ok, {unknown} unknown", ""),
        };
    }

    private ReportTable Relationships() => new(
        "Relationships",
        ["Foreign key", "Parents with children", "Without children", "Children", "Min", "Average", "p95", "Max"],
        [.. data.Relationships.Select(relationship => new ReportRow(
        [
            relationship.ForeignKey,
            DisplayText.Count(relationship.ParentsWithChildren),
            DisplayText.Count(relationship.ParentsWithoutChildren),
            DisplayText.Count(relationship.Children),
            DisplayText.Count(relationship.MinChildren),
            relationship.AverageChildren.ToString("0.##", CultureInfo.InvariantCulture),
            DisplayText.Count(relationship.P95Children),
            DisplayText.Count(relationship.MaxChildren),
        ]))]);

    private ReportTable IntegrityResults() => new(
        "Integrity",
        ["Result", "Check", "Rows", "Keys", "Meaning"],
        data.Integrity is null
            ? [new ReportRow(["", "The checks were skipped.", "", "", ""])]
            : [.. data.Integrity.OrderByDescending(result => result.Status).Select(result => new ReportRow(
                [
                    Verdict(result),
                    result.Check,
                    DisplayText.Count(result.Count),
                    string.Join(", ", result.SampleKeys),
                    result.Status >= IntegrityStatus.Unknown ? result.Detail
                        : result.Status == IntegrityStatus.VisibleRowsOnly ? DisplayText.PartlyVisible(result.PartlyVisible) : "",
                ],
                Style(result)))]);

    private static string Verdict(IntegrityResult result) => result.Status switch
    {
        IntegrityStatus.Passed => "passed",
        IntegrityStatus.NothingToCheck => "nothing to check",
        IntegrityStatus.VisibleRowsOnly => "visible rows only",
        IntegrityStatus.Unknown => "unknown",
        IntegrityStatus.Error => "ERROR",
        _ => result.Severity == IntegritySeverity.Error ? "BROKEN" : "warning",
    };

    private static string Style(IntegrityResult result) => result switch
    {
        { Status: IntegrityStatus.Passed } => ReportRow.Good,
        { Status: IntegrityStatus.NothingToCheck or IntegrityStatus.VisibleRowsOnly or IntegrityStatus.Unknown } => "",
        { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Warning } => ReportRow.Warning,
        _ => ReportRow.Bad,
    };

    private ReportTable HealthResults() => new(
        "Health",
        ["Status", "Check", "Object", "Value", "Threshold", "Advice"],
        [.. data.Health.OrderByDescending(result => result.Status).Select(result => new ReportRow(
            [result.Status.ToString(), result.Check, result.Object, result.ValueText, result.Threshold, result.Advice],
            result.Status switch
            {
                HealthStatus.Ok => ReportRow.Good,
                HealthStatus.Warning => ReportRow.Warning,
                HealthStatus.Critical => ReportRow.Bad,
                _ => "",
            }))]);

    private ReportTable Settings() => new(
        "Details",
        ["Setting", "Value"],
        [
            new(["StreamingPg", typeof(ReportTables).Assembly.GetName().Version?.ToString(3) ?? ""]),
            new(["PostgreSQL", data.Server.ServerVersion ?? ""]),
            new(["Database", data.Server.Server]),
            new(["Role", data.Server.UserName ?? ""]),
            new(["Schema", data.Schema]),
            new(["TLS", data.Server.Tls ?? ""]),
            new(["Created at (UTC)", DisplayText.Instant(data.MadeAt)]),
            new(["Since (UTC)", data.Options.Since is null ? "the beginning" : DisplayText.Instant(data.Options.Since)]),
            new(["Until (UTC)", data.Options.Until is null ? "now" : DisplayText.Instant(data.Options.Until)]),
            new(["Rows", data.Options.Estimate ? "estimated" : "counted"]),
            new(["Users and products", $"top {data.Options.Top}"]),
        ]);
}

/// <summary>A table of a report.</summary>
/// <param name="Title">Its heading.</param>
/// <param name="Heads">Heads of the columns.</param>
/// <param name="Rows">The rows.</param>
internal sealed record ReportTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<ReportRow> Rows);

/// <summary>A row of a <see cref="ReportTable"/>.</summary>
/// <param name="Cells">Its cells.</param>
/// <param name="Style">Class of the style sheet: <c>good</c>, <c>warning</c>, <c>bad</c> or nothing.</param>
internal sealed record ReportRow(IReadOnlyList<string> Cells, string Style = "")
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
}
