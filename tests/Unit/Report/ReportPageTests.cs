using System.Globalization;
using System.Xml;
using StreamingPg.Core.Model;
using StreamingPg.Core.Report;

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
        Assert.Equal(3 + 1 + 2 + 3 + 5, figures.Count);
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
    public void Empty_tables_give_a_report_that_says_so()
    {
        var page = ReportExporter.Render(SampleReport.Empty());

        Assert.Contains("Nothing to show yet.", page, StringComparison.Ordinal);
        Assert.NotEmpty(Elements(page));
    }

    /// <summary>All elements; a page that is not well formed throws.</summary>
    private static List<XmlElement> Elements(string page)
    {
        var document = new XmlDocument();
        document.LoadXml(page[(page.IndexOf('\n', StringComparison.Ordinal) + 1)..]);
        return [.. document.GetElementsByTagName("*").Cast<XmlElement>()];
    }
}
