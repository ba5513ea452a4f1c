using System.Globalization;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>Writes a report as one page that needs nothing else: no script, no font, no network.</summary>
internal sealed class ReportPage(ReportData data, MarkupWriter page)
{
    private static readonly string Css = ReadCss();

    /// <summary>Writes the page.</summary>
    public void Write()
    {
        page.Begin("html", ("lang", "en")).Begin("head");
        page.Begin("meta", ("charset", "utf-8")).End();
        page.Begin("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).End();
        page.Begin("meta", ("name", "color-scheme"), ("content", "light dark")).End();
        page.Leaf("title", $"{data.Server.Server} - StreamingPg report");
        page.Style(Css);
        page.End().Begin("body");
        WriteHeader();
        page.Begin("main");
        WriteCharts("Growth", [.. new ReportCharts(data).Growth(), new ReportCharts(data).RowsByTable()]);
        WriteTable(new ReportTables(data).Sizes());
        WriteCharts("Batches", [new ReportCharts(data).BatchRate(), new ReportCharts(data).Latency()]);
        if (data.Events is { } events)
        {
            WriteCharts("Events", [.. EventCharts.Of(events)]);
        }

        if (data.Shop is { } shop)
        {
            WriteCharts("Shop", [.. ReportCharts.Shop(shop)]);
        }

        foreach (var table in new ReportTables(data).Sections())
        {
            page.Leaf("h2", table.Title);
            WriteTable(table);
        }

        page.End().End().End();
    }

    private void WriteHeader()
    {
        page.Begin("header").Leaf("h1", "StreamingPg report");
        page.Leaf("p", $"{data.Server.Server}, {DisplayText.Instant(data.MadeAt)}", ("class", "subtitle"));
        page.Begin("dl", ("class", "tiles"));
        foreach (var (name, value, style) in new ReportTables(data).Tiles())
        {
            page.Begin("div", ("class", $"tile {style}".TrimEnd())).Leaf("dt", name).Leaf("dd", value).End();
        }

        page.End().End();
    }

    private void WriteCharts(string title, IReadOnlyList<Chart> charts)
    {
        page.Begin("section").Leaf("h2", title).Begin("div", ("class", "charts"));
        foreach (var chart in charts)
        {
            WriteChart(chart);
        }

        page.End().End();
    }

    private void WriteChart(Chart chart)
    {
        page.Begin("figure").Leaf("figcaption", chart.Title);
        if (chart.IsEmpty)
        {
            page.Leaf("p", "Nothing to show yet.", ("class", "empty")).End();
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
        WriteTable(new ReportTable("", chart.Heads, [.. chart.Figures.Select(row => new ReportRow(row))]));
        page.End().End();
    }

    private void WriteTable(ReportTable table)
    {
        var styles = table.Heads.Select((_, column) => StyleOf(table, column)).ToList();
        page.Begin("div", ("class", "scroll")).Begin("table").Begin("thead").Begin("tr");
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

    /// <summary>A column of numbers stands at the right, its head too.</summary>
    private static string StyleOf(ReportTable table, int column) =>
        table.Rows.Count > 0 && table.Rows.All(row => IsNumber(row.Cells[column])) ? "number" : "";

    private static bool IsNumber(string cell) =>
        double.TryParse(cell.TrimStart('~').TrimEnd('P', 'T', 'G', 'M', 'K', 'B', ' '), NumberStyles.Number, CultureInfo.InvariantCulture, out _);

    private static string ReadCss()
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
