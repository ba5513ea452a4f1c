using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>Writes a report as one page that needs nothing else: no script, no font, no network.</summary>
internal sealed class ReportPage(ReportData data, MarkupWriter page)
{
    private readonly PageParts _parts = new(page);

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
        var sections = Sections().ToList();
        WriteHeader(sections);
        page.Begin("main");
        foreach (var section in sections)
        {
            page.Begin("section", ("id", Id(section.Title))).Leaf("h2", section.Title);
            section.Write();
            page.End();
        }

        page.End().End().End();
    }

    /// <summary>The sections in order, with what writes each.</summary>
    private IEnumerable<(string Title, Action Write)> Sections()
    {
        var charts = new ReportCharts(data);
        var tables = new ReportTables(data);
        yield return ("Growth", () =>
        {
            Note(charts.GrowthNote);
            Charts([.. charts.Growth(), ReportCharts.RowsByTable(data.Growth)]);
            _parts.Table(tables.Sizes());
        });
        yield return ("Batches", () => Charts([charts.BatchRate(), charts.Latency()]));
        if (data.Events is { } events)
        {
            yield return ("Events", () => Charts([.. EventCharts.Of(events)]));
        }

        if (data.Distributions.Count > 0)
        {
            yield return ("Distributions", () => Charts([.. charts.Distributions()]));
        }

        if (data.Shop is { } shop)
        {
            yield return ("Shop", () => Charts([.. ReportCharts.Shop(shop)]));
        }

        foreach (var table in tables.Sections())
        {
            yield return (table.Title, table.FoldsQuiet ? () => _parts.Checks(table) : () => _parts.Table(table));
        }
    }

    private void WriteHeader(List<(string Title, Action Write)> sections)
    {
        var tables = new ReportTables(data);
        page.Begin("header").Leaf("h1", "StreamingPg report");
        page.Leaf("p", $"{data.Server.Server}, {DisplayText.Instant(data.MadeAt)}", ("class", "subtitle"));
        page.Leaf("p", tables.Summary(), ("class", "summary"));
        page.Begin("nav", ("aria-label", "Contents")).Begin("ul");
        foreach (var (title, _) in sections)
        {
            page.Begin("li").Leaf("a", title, ("href", $"#{Id(title)}")).End();
        }

        page.End().End().Begin("dl", ("class", "tiles"));
        _parts.Tiles(tables.Tiles());
        page.End().End();
    }

    private void Charts(IReadOnlyList<Chart> charts)
    {
        page.Begin("div", ("class", "charts"));
        _parts.Charts(charts);
        page.End();
    }

    private void Note(string text)
    {
        if (text.Length > 0)
        {
            page.Leaf("p", text, ("class", "note"));
        }
    }

    private static string Id(string title) => string.Concat(title.Select(character => char.IsAsciiLetterOrDigit(character) ? char.ToLowerInvariant(character) : '-'));

    /// <summary>The style sheet.</summary>
    public static string Css { get; } = ReadCss();

    private static string ReadCss()
    {
        using var stream = typeof(ReportPage).Assembly.GetManifestResourceStream("report.css")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
