using System.Globalization;

namespace StreamingPg.Core.Report.Charts;

/// <summary>A picture of figures, drawn as SVG, with the figures themselves for whoever cannot see it.</summary>
internal abstract class Chart
{
    /// <summary>Width of every drawing; a page scales it to the room there is.</summary>
    protected const double Width = 420;

    /// <summary>What it shows, a few words.</summary>
    public required string Title { get; init; }

    /// <summary>What can be seen in it, for those who cannot: a sentence or two.</summary>
    public required string Description { get; init; }

    /// <summary>Heads of the columns of <see cref="Figures"/>.</summary>
    public abstract IReadOnlyList<string> Heads { get; }

    /// <summary>The figures behind it, row by row.</summary>
    public abstract IEnumerable<IReadOnlyList<string>> Figures { get; }

    /// <summary>What stands in place of a drawing of nothing, unless something else does.</summary>
    public const string NothingYet = "Nothing to show yet.";

    /// <summary>What stands in place of the drawing when there is nothing to draw.</summary>
    public string EmptyText { get; init; } = NothingYet;

    /// <summary>True when there is nothing to draw.</summary>
    public abstract bool IsEmpty { get; }

    /// <summary>The names of its series with the class of their colour, where there are several.</summary>
    public virtual IReadOnlyList<(string Name, string Class)> Legend => [];

    /// <summary>Height of the drawing.</summary>
    protected abstract double Height { get; }

    /// <summary>Draws it.</summary>
    public void Draw(MarkupWriter page)
    {
        page.Begin("svg", ("viewBox", $"0 0 {Number(Width)} {Number(Height)}"), ("role", "img"), ("aria-label", $"{Title}. {Description}"));
        DrawInside(page);
        page.End();
    }

    /// <summary>Draws what is within the SVG element.</summary>
    protected abstract void DrawInside(MarkupWriter page);

    /// <summary>A number as SVG takes it.</summary>
    protected static string Number(double value) => value.ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Text at a point.</summary>
    protected static void Label(MarkupWriter page, double x, double y, string text, string anchor, string style = "tick") =>
        page.Leaf("text", text, ("x", Number(x)), ("y", Number(y)), ("text-anchor", anchor), ("class", style));

    /// <summary>A straight line.</summary>
    protected static void Line(MarkupWriter page, double x1, double y1, double x2, double y2, string style) =>
        page.Begin("line", ("x1", Number(x1)), ("y1", Number(y1)), ("x2", Number(x2)), ("y2", Number(y2)), ("class", style)).End();

    /// <summary>A rectangle that shows a text when pointed at.</summary>
    protected static void Box(MarkupWriter page, double x, double y, double width, double height, string style, string tooltip) =>
        page.Begin("rect", ("x", Number(x)), ("y", Number(y)), ("width", Number(width)), ("height", Number(height)), ("class", style))
            .Leaf("title", tooltip).End();
}
