using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>What the report and the live page are made of: tiles, charts with their figures, tables.</summary>
internal sealed partial class PageParts(MarkupWriter page)
{
    /// <summary>The few figures at the head: name, value, style.</summary>
    public void Tiles(IEnumerable<(string Name, string Value, string Style)> tiles)
    {
        foreach (var (name, value, style) in tiles)
        {
            page.Begin("div", ("class", $"tile {style}".TrimEnd())).Leaf("dt", name).Leaf("dd", value).End();
        }
    }

    /// <summary>Charts side by side.</summary>
    public void Charts(IReadOnlyList<Chart> charts)
    {
        for (var index = 0; index < charts.Count; index++)
        {
            Draw(charts[index], Share(index, charts.Count));
        }
    }

    /// <summary>Three charts to a row, and two to each of the last rows where three would leave a hole.</summary>
    private static string Share(int index, int count)
    {
        var inPairs = count == 1 ? 0 : (3 - (count % 3)) % 3 * 2;
        return count == 1 ? "whole" : index >= count - inPairs ? "half" : "third";
    }

    private void Draw(Chart chart, string share)
    {
        page.Begin("figure", ("class", share)).Leaf("figcaption", chart.Title);
        if (chart.IsEmpty)
        {
            page.Leaf("p", chart.EmptyText, ("class", "empty")).End();
            return;
        }

        if (chart.Legend.Count > 0)
        {
            page.Begin("ul", ("class", "legend"));
            foreach (var (name, style) in chart.Legend)
            {
                page.Begin("li").Begin("span", ("class", $"swatch {style}")).End().Text(name).End();
            }

            page.End();
        }

        chart.Draw(page);
        page.Begin("details").Leaf("summary", "Figures").Leaf("p", chart.Description);
        Table(new ReportTable(chart.Title, chart.Heads, [.. chart.Figures.Select(row => new ReportRow(row))]));
        page.End().End();
    }

    /// <summary>A table of checks: what nobody has to do anything about is folded.</summary>
    public void Checks(ReportTable table)
    {
        var quiet = table.Rows.Where(row => row.IsQuiet).ToList();
        if (quiet.Count == 0 || quiet.Count < table.Rows.Count)
        {
            Table(table with { Rows = [.. table.Rows.Where(row => !row.IsQuiet)] });
        }

        if (quiet.Count > 0)
        {
            var counts = quiet.GroupBy(row => row.Cells[0]).Select(group => $"{DisplayText.Count(group.Count())} {group.Key}");
            page.Begin("details", ("class", "quiet")).Leaf("summary", string.Join(", ", counts));
            Table(table with { Title = $"{table.Title}: {string.Join(", ", counts)}", Rows = quiet });
            page.End();
        }
    }

    /// <summary>A table; a column of numbers stands at the right. On a small screen it scrolls in its box, by keyboard too.</summary>
    public void Table(ReportTable table)
    {
        var styles = table.Heads.Select((_, column) => StyleOf(table, column)).ToList();
        page.Begin("div", ("class", "scroll"), ("tabindex", "0"), ("role", "region"), ("aria-label", table.Title)).Begin("table").Begin("thead").Begin("tr");
        for (var column = 0; column < table.Heads.Count; column++)
        {
            page.Leaf("th", table.Heads[column], ("scope", "col"), ("class", styles[column]));
        }

        page.End().End().Begin("tbody");
        foreach (var row in table.Rows)
        {
            page.Begin("tr", ("class", row.Style));
            for (var column = 0; column < row.Cells.Count; column++)
            {
                page.Leaf("td", row.Cells[column], ("class", styles[column]));
            }

            page.End();
        }

        page.End().End().End();
    }

    /// <summary>A column of numbers stands at the right, its head too, and times stay on one line.</summary>
    private static string StyleOf(ReportTable table, int column) =>
        table.Rows.Any(row => row.Cells[column].Length > 0) && table.Rows.All(row => row.Cells[column].Length == 0 || Number().IsMatch(row.Cells[column])) ? "number"
        : table.Rows.Count > 0 && table.Rows.All(row => IsInstant(row.Cells[column])) ? "time"
        : "";

    private static bool IsInstant(string cell) =>
        DateTime.TryParseExact(cell, "yyyy-MM-dd HH:mm:ss'Z'", CultureInfo.InvariantCulture, DateTimeStyles.None, out _);

    /// <summary>A number, a size, a share or a duration, as <see cref="DisplayText"/> writes them.</summary>
    [GeneratedRegex(@"^~?-?\d[\d,]*(\.\d+)?( ([KMGTP]?B|%|ms|s|min|h|d|days)( \d+ (s|min|h))?)?$", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
