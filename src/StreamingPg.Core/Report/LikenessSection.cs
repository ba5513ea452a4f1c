using System.Globalization;

namespace StreamingPg.Core.Report;

/// <summary>The section of a report that compares the tables with real ones.</summary>
internal static class LikenessSection
{
    // What PostgreSQL's own samples and ours let differ by chance is less.
    private const double Near = 0.9;
    private const double Far = 0.5;

    public static ReportTable Of(IReadOnlyList<ColumnLikeness> results) => new(
        $"Likeness to {results[^1].Against}",
        ["Table", "Column", "Compared", "Distance", "NULL", "NULL there", "Likeness"],
        [.. results.Select(result => new ReportRow(
            [
                result.Table,
                result.Measure == LikenessMeasure.Overall ? "all columns" : result.Column,
                result.Measure == LikenessMeasure.Overall ? "average" : result.Measure.ToString().ToLowerInvariant(),
                result.Distance?.ToString("0.000", CultureInfo.InvariantCulture) ?? "",
                result.Measure == LikenessMeasure.Overall ? "" : DisplayText.Percent(result.Nulls),
                result.Measure == LikenessMeasure.Overall ? "" : DisplayText.Percent(result.AgainstNulls),
                DisplayText.Percent(result.Likeness),
            ],
            result.Likeness >= Near ? ReportRow.Good : result.Likeness < Far ? ReportRow.Warning : ""))]);
}
