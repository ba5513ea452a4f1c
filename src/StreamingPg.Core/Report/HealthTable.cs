using StreamingPg.Core.Health;

namespace StreamingPg.Core.Report;

/// <summary>Health checks as the report and the live page show them.</summary>
internal static class HealthTable
{
    /// <summary>What they say together, for the head of a page.</summary>
    public static (string Name, string Value, string Style) Tile(IReadOnlyList<HealthResult> health)
    {
        var verdict = HealthChecker.Verdict(health);
        var count = health.Count(result => result.Status == verdict);
        var unknown = health.Count(result => result.Status == HealthStatus.Unknown);
        return verdict switch
        {
            HealthStatus.Critical => ("Health", $"{count} critical", ReportRow.Bad),
            HealthStatus.Warning => ("Health", Number(count, "warning"), ReportRow.Warning),
            HealthStatus.Ok => ("Health", $"{count} ok" + (unknown > 0 ? $", {unknown} unknown" : ""), ReportRow.Good),
            _ => ("Health", $"{health.Count(result => result.Status == HealthStatus.Ok)} ok, {unknown} unknown", ""),
        };
    }

    /// <summary>A number of things.</summary>
    public static string Number(long count, string one, string? several = null) =>
        $"{DisplayText.Count(count)} {(count == 1 ? one : several ?? one + "s")}";

    /// <summary>Each of them, the worst first.</summary>
    public static ReportTable Of(IReadOnlyList<HealthResult> health) => new(
        "Health",
        ["Status", "Check", "Object", "Value", "Threshold", "Advice"],
        [.. health.OrderByDescending(result => result.Status).Select(result => new ReportRow(
            [result.Status.ToString().ToLowerInvariant(), result.Check, result.Object, result.ValueText, result.Threshold, result.Advice],
            result.Status switch
            {
                HealthStatus.Ok => ReportRow.Good,
                HealthStatus.Warning => ReportRow.Warning,
                HealthStatus.Critical => ReportRow.Bad,
                _ => "",
            }))])
    {
        FoldsQuiet = true,
    };
}
