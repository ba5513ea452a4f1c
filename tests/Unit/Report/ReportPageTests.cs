using System.Globalization;
using System.Xml;
using StreamingPg.Core.Model;
using StreamingPg.Core.Report;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Tests.Unit.Report;

/// <summary>What a report makes of its data.</summary>
public sealed class ReportPageTests
{
    private const string Hostile = "</title></style><script>alert('x')</script>\" onload=\"alert(1)\0\u0007\u202Egnp.exe &amp; <b>";

    [Fact]
    public void Names_from_the_database_stay_text_wherever_they_stand()
    {
        var page = ReportExporter.Render(SampleReport.Make(Hostile));

        Assert.DoesNotContain("<script", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("<b>", page, StringComparison.Ordinal);
        Assert.DoesNotContain('\u202E', page);
        Assert.DoesNotContain('\0', page);
        foreach (var element in Elements(page))
        {
            // Whatever the name holds, it made no attribute that runs code.
            Assert.DoesNotContain(element.Attributes!.Cast<XmlAttribute>(), attribute => attribute.Name.StartsWith("on", StringComparison.OrdinalIgnoreCase));
        }
    }

    [Fact]
    public void Page_is_whole_and_asks_for_nothing_from_elsewhere()
    {
        var page = ReportExporter.Render(SampleReport.Make("shop"));

        var elements = Elements(page);
        Assert.DoesNotContain(elements, element => element.Name is "script" or "link" or "img" or "iframe");
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("url(", page, StringComparison.OrdinalIgnoreCase);
        var figures = elements.Where(element => element.Name == "figure").ToList();
        Assert.Equal(3 + 1 + 2 + 3 + 2 + 3, figures.Count);
        Assert.All(figures, figure =>
        {
            var drawing = Assert.Single(figure.ChildNodes.OfType<XmlElement>(), child => child.Name == "svg");
            Assert.False(string.IsNullOrWhiteSpace(drawing.GetAttribute("aria-label")));
            Assert.NotEmpty(figure.GetElementsByTagName("td").Cast<XmlElement>());
        });
    }

    [Fact]
    public void Numbers_of_a_drawing_lie_within_it()
    {
        foreach (var drawing in Elements(ReportExporter.Render(SampleReport.Make("shop"))).Where(element => element.Name == "svg"))
        {
            var size = drawing.GetAttribute("viewBox").Split(' ').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray();
            foreach (var box in drawing.GetElementsByTagName("rect").Cast<XmlElement>())
            {
                var (x, y) = (double.Parse(box.GetAttribute("x"), CultureInfo.InvariantCulture), double.Parse(box.GetAttribute("y"), CultureInfo.InvariantCulture));
                Assert.InRange(x, 0, size[2] - double.Parse(box.GetAttribute("width"), CultureInfo.InvariantCulture) + 0.1);
                Assert.InRange(y, 0, size[3] - double.Parse(box.GetAttribute("height"), CultureInfo.InvariantCulture) + 0.1);
            }
        }
    }

    [Fact]
    public void The_load_of_a_history_does_not_flatten_its_events()
    {
        var sample = SampleReport.Make("shop");
        var stream = sample with { Events = sample.Events! with { Stretches = sample.Events.Stretches! with { Loaded = [.. Enumerable.Repeat(20L, 40)] } } };
        var history = sample with { Events = sample.Events with { Stretches = sample.Events.Stretches with { Loaded = [.. Enumerable.Repeat(0L, 39), 780L] } } };

        Assert.Equal(["Events and loads, shop"], Titles(stream));
        Assert.Equal(["Events, shop", "Loads, shop"], Titles(history));

        static IEnumerable<string> Titles(ReportData data) => Elements(ReportExporter.Render(data))
            .Where(element => element.Name == "figcaption" && (element.InnerText.StartsWith("Events", StringComparison.Ordinal) || element.InnerText.StartsWith("Loads", StringComparison.Ordinal)))
            .Select(element => element.InnerText);
    }

    [Fact]
    public void A_comparison_with_real_tables_has_a_section()
    {
        Assert.Contains("Likeness to production", ReportExporter.Render(SampleReport.Make("production")), StringComparison.Ordinal);
        Assert.DoesNotContain("Likeness", ReportExporter.Render(SampleReport.Empty()), StringComparison.Ordinal);
    }

    [Fact]
    public void Empty_tables_give_a_report_that_says_so()
    {
        var page = ReportExporter.Render(SampleReport.Empty());

        Assert.Contains("Nothing to show yet.", page, StringComparison.Ordinal);
        Assert.NotEmpty(Elements(page));
    }

    [Theory]
    [InlineData("1,234", "~12", "number")]
    [InlineData("", "47.8 ms", "number")]
    [InlineData("3 min 40 s", "9.9 %", "number")]
    [InlineData("824 KB", "1 d", "number")]
    [InlineData("2026-11-30 18:14:12Z", "2026-11-30 18:14:13Z", "time")]
    [InlineData("1 s ago", "now", "")]
    [InlineData("5 Oak Street", "15.18", "")]
    public void Figures_of_all_kinds_stand_at_the_right(string first, string second, string style)
    {
        var table = MarkupWriter.Part(page => new PageParts(page).Table(new ReportTable("t", ["x"], [new ReportRow([first]), new ReportRow([second])])));

        Assert.Contains($"<th scope=\"col\"{(style.Length > 0 ? $" class=\"{style}\"" : "")}>x", table.Replace(" class=\"\"", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("detailed_transactions", "detailed_transactions")]
    [InlineData("Handmade Wooden Pants", "Handmade Wooden P…")]
    [InlineData("a name that is much too long for its room", "a name that is much t…")]
    public void A_name_is_cut_where_its_room_ends(string name, string shown)
    {
        var chart = new BarChart { Title = "t", Description = "d", NameUnit = "n", ValueUnit = "v", Bars = [(name, 1)] };

        Assert.Contains($">{shown}</text>", MarkupWriter.Part(chart.Draw), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, "second")]
    [InlineData(15, "15 s")]
    [InlineData(3600, "hour")]
    [InlineData(21600, "6 h")]
    [InlineData(86400, "day")]
    public void A_length_of_time_reads_well_after_per(int seconds, string text) => Assert.Equal(text, TimePlaces.Named(TimeSpan.FromSeconds(seconds)));

    /// <summary>All elements; a page that is not well formed throws.</summary>
    private static List<XmlElement> Elements(string page)
    {
        var document = new XmlDocument();
        document.LoadXml(page[(page.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        return [.. document.GetElementsByTagName("*").Cast<XmlElement>()];
    }
}
