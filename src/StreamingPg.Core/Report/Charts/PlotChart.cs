namespace StreamingPg.Core.Report.Charts;

/// <summary>A chart with a vertical axis from zero and places side by side on the horizontal one.</summary>
internal abstract class PlotChart : Chart
{
    /// <summary>Edges of the plot within the drawing.</summary>
    protected const double Left = 52;
    protected const double Right = Width - 10;
    protected const double Top = 26;
    protected const double Bottom = 200;

    private const int MostLabels = 5;

    /// <summary>The places, from left to right.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>What the places are, with its unit.</summary>
    public required string PlaceUnit { get; init; }

    /// <summary>What is counted, with its unit.</summary>
    public required string ValueUnit { get; init; }

    /// <summary>True when there is nothing between two whole values.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>How a value reads.</summary>
    public Func<double, string> Format { get; init; } = value => DisplayText.Count((long)value);

    /// <inheritdoc/>
    protected override double Height => 242;

    /// <summary>Width of a place.</summary>
    protected double PlaceWidth => (Right - Left) / Math.Max(1, Places.Count);

    /// <summary>Height of a value within the drawing.</summary>
    protected static double Y(double value, Axis axis) => Bottom - (value / axis.Maximum * (Bottom - Top));

    /// <summary>Draws axes, marks and units.</summary>
    protected void DrawAxes(MarkupWriter page, Axis axis)
    {
        foreach (var tick in axis.Ticks)
        {
            Line(page, Left, Y(tick, axis), Right, Y(tick, axis), tick == 0 ? "axis" : "grid");
            Label(page, Left - 6, Y(tick, axis) + 4, Axis.Short(tick), "end");
        }

        var every = (Places.Count + MostLabels - 1) / MostLabels;
        for (var index = 0; index < Places.Count; index += Math.Max(1, every))
        {
            Label(page, Left + ((index + 0.5) * PlaceWidth), Bottom + 17, Places[index], index == 0 && every > 1 ? "start" : "middle");
        }

        Label(page, 0, 12, ValueUnit, "start", "unit");
        Label(page, Right, Height - 6, PlaceUnit, "end", "unit");
    }
}
