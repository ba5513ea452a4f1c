using System.Globalization;

namespace StreamingPg.Core.Report.Charts;

/// <summary>A cell per row and column, the darker the more.</summary>
internal sealed class HeatMap : Chart
{
    private const double Left = 40;
    private const double Top = 20;
    private const double RowHeight = 24;

    /// <summary>The rows, from top to bottom.</summary>
    public required IReadOnlyList<string> Rows { get; init; }

    /// <summary>The columns, from left to right; some of them are labelled.</summary>
    public required IReadOnlyList<string> Columns { get; init; }

    /// <summary>What the rows and columns are.</summary>
    public required string PlaceUnit { get; init; }

    /// <summary>What is counted.</summary>
    public required string ValueUnit { get; init; }

    /// <summary>A value per row and column.</summary>
    public required IReadOnlyList<IReadOnlyList<long>> Values { get; init; }

    /// <inheritdoc/>
    public override bool IsEmpty => Values.All(row => row.All(value => value == 0));

    /// <inheritdoc/>
    public override IReadOnlyList<string> Heads => [PlaceUnit, .. Columns];

    /// <inheritdoc/>
    public override IEnumerable<IReadOnlyList<string>> Figures =>
        Rows.Zip(Values, IReadOnlyList<string> (row, values) => [row, .. values.Select(value => DisplayText.Count(value))]);

    /// <inheritdoc/>
    protected override double Height => Top + (Rows.Count * RowHeight) + 38;

    /// <inheritdoc/>
    protected override void DrawInside(MarkupWriter page)
    {
        var most = Math.Max(1, Values.Max(row => row.Max()));
        var width = (Width - Left - 4) / Columns.Count;
        Label(page, 0, 12, $"{ValueUnit}, at most {DisplayText.Count(most)}", "start", "unit");
        for (var row = 0; row < Rows.Count; row++)
        {
            var y = Top + (row * RowHeight);
            Label(page, Left - 6, y + 16, Rows[row], "end");
            for (var column = 0; column < Columns.Count; column++)
            {
                var value = Values[row][column];
                Cell(page, Left + (column * width), y, width - 1, (double)value / most, $"{Rows[row]} {Columns[column]}: {DisplayText.Count(value)} {ValueUnit}");
            }
        }

        for (var column = 0; column < Columns.Count; column += Math.Max(1, Columns.Count / 6))
        {
            Label(page, Left + ((column + 0.5) * width), Top + (Rows.Count * RowHeight) + 16, Columns[column], "middle");
        }

        Label(page, Width - 4, Height - 6, PlaceUnit, "end", "unit");
    }

    private static void Cell(MarkupWriter page, double x, double y, double width, double share, string tooltip) =>
        page.Begin(
                "rect",
                ("x", Number(x)),
                ("y", Number(y)),
                ("width", Number(width)),
                ("height", Number(RowHeight - 1)),
                ("fill-opacity", (0.04 + (0.96 * share)).ToString("0.###", CultureInfo.InvariantCulture)),
                ("class", "c0 cell"))
            .Leaf("title", tooltip).End();
}
