using System.Globalization;
using StreamingPg.Core.Report.Charts;

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
        yield return HealthTable.Tile(data.Health);
    }

    /// <summary>Rows and sizes by table.</summary>
    public ReportTable Sizes() => new(
        "Sizes",
        ["Table", "Rows", "Last batch", Last(data.Growth), "Updated", "Table size", "Index size"],
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

    /// <summary>The head of a column of what was added lately: <c>Last day</c>.</summary>
    public static string Last(IReadOnlyList<TableGrowth> growth) => growth.Count == 0 ? "Last" : $"Last {TimePlaces.Named(growth[0].Period)}";

    /// <summary>The tables that have a section of their own.</summary>
    public IEnumerable<ReportTable> Sections() =>
        [Relationships(), .. data.Likeness is { } likeness ? [LikenessSection.Of(likeness)] : Array.Empty<ReportTable>(), IntegrityResults(), HealthTable.Of(data.Health), Settings()];

    /// <summary>What the page says, in two sentences.</summary>
    public string Summary()
    {
        var batches = data.Timeline.Buckets.Sum(bucket => bucket.Batches);
        var rows = DisplayText.Rows(data.Growth.Sum(table => table.Rows), data.Growth.Any(table => table.IsEstimate));
        var loads = batches == 0 ? "The ledger has no batch of this time."
            : $"{HealthTable.Number(batches, "batch", "batches")} loaded, {HealthTable.Number(data.Timeline.Buckets.Sum(bucket => bucket.Retries), "retry", "retries")}.";
        return $"{rows} rows in {HealthTable.Number(data.Growth.Count, "table")} ({DisplayText.Bytes(data.Growth.Sum(table => table.TotalBytes))}). {loads} "
            + $"Integrity: {Integrity().Value}. Health: {HealthTable.Tile(data.Health).Value}.";
    }

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
            : failed > 0 ? ("Integrity", $"{HealthTable.Number(failed, "check")} failed to run", ReportRow.Bad)
            : warnings > 0 ? ("Integrity", HealthTable.Number(warnings, "warning"), ReportRow.Warning)
            : unknown > 0 ? ("Integrity", $"{passed} passed, {unknown} unknown", "")
            : partly > 0 ? ("Integrity", $"{passed} passed, {partly} more on visible rows only", "")
            : without > 0 && results.All(result => (result.Status == IntegrityStatus.Passed) == result.Check.StartsWith("ForeignKeyConstraint", StringComparison.Ordinal))
                ? ("Integrity", "nothing to check", ReportRow.None)
            : without > 0 ? ("Integrity", $"{passed} passed, {without} had nothing to check", ReportRow.Good)
            : ("Integrity", $"{passed} passed", ReportRow.Good);
    }

    private ReportTable Relationships() => new(
        "Relationships",
        ["Foreign key", "Parents with children", "Parents without", "Children", "Fewest", "Average", "p95", "Most"],
        [.. data.Relationships.Select(relationship => new ReportRow(
        [
            relationship.ForeignKey,
            DisplayText.Count(relationship.ParentsWithChildren),
            DisplayText.Count(relationship.ParentsWithoutChildren),
            DisplayText.Count(relationship.Children),
            DisplayText.Count(relationship.MinChildren),
            relationship.AverageChildren.ToString("N2", CultureInfo.InvariantCulture),
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
                Style(result)))])
    {
        FoldsQuiet = true,
    };

    private static string Verdict(IntegrityResult result) => result.Status switch
    {
        IntegrityStatus.Passed => "passed",
        IntegrityStatus.NothingToCheck => "nothing to check",
        IntegrityStatus.VisibleRowsOnly => "visible rows only",
        IntegrityStatus.Unknown => "unknown",
        IntegrityStatus.Error => "failed to run",
        _ => result.Severity == IntegritySeverity.Error ? "broken" : "warning",
    };

    private static string Style(IntegrityResult result) => result switch
    {
        { Status: IntegrityStatus.Passed } => ReportRow.Good,
        { Status: IntegrityStatus.NothingToCheck } => ReportRow.None,
        { Status: IntegrityStatus.VisibleRowsOnly or IntegrityStatus.Unknown } => "",
        { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Warning } => ReportRow.Warning,
        _ => ReportRow.Bad,
    };

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
internal sealed record ReportTable(string Title, IReadOnlyList<string> Heads, IReadOnlyList<ReportRow> Rows)
{
    /// <summary>True for checks: those that nobody has to do anything about are folded.</summary>
    public bool FoldsQuiet { get; init; }
}

/// <summary>A row of a <see cref="ReportTable"/>.</summary>
/// <param name="Cells">Its cells.</param>
/// <param name="Style">Class of the style sheet: <c>good</c>, <c>warning</c>, <c>bad</c>, <c>none</c> (nothing to check) or nothing.</param>
internal sealed record ReportRow(IReadOnlyList<string> Cells, string Style = "")
{
    public const string Good = "good";
    public const string Warning = "warning";
    public const string Bad = "bad";
    public const string None = "none";

    /// <summary>True for what nobody has to do anything about.</summary>
    public bool IsQuiet => Style is Good or None;
}
