using System.Text;

namespace StreamingPg.Core.Report.Charts;

/// <summary>A chart with a vertical axis from zero and places side by side on the horizontal one.</summary>
internal abstract class PlotChart : Chart
{
    /// <summary>Edges of the plot within the drawing.</summary>
    protected const double Left = 52;
    protected const double Right = Width - 10;
    protected const double Top = 26;
    protected const double Bottom = 200;

    /// <summary>The places, from left to right.</summary>
    public required IReadOnlyList<string> Places { get; init; }

    /// <summary>What the places are, with its unit.</summary>
    public required string PlaceUnit { get; init; }

    /// <summary>The places as stretches of time, if they are.</summary>
    public TimePlaces? Time { get; init; }

    /// <summary>What is counted, with its unit.</summary>
    public required string ValueUnit { get; init; }

    /// <summary>True when there is nothing between two whole values.</summary>
    public bool IsWhole { get; init; } = true;

    /// <summary>How a value reads.</summary>
    public Func<double, string> Format { get; init; } = value => DisplayText.Count((long)value);

    /// <inheritdoc/>
    protected override double Height => 246;

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

        var end = double.NegativeInfinity;
        foreach (var (place, label) in Time?.Labels(PlaceWidth) ?? EvenLabels())
        {
            // Within the drawing, and never on the one before.
            var width = ChartText.Width(label);
            var center = Math.Clamp(Left + ((place + 0.5) * PlaceWidth), width / 2, Width - (width / 2));
            if (center - (width / 2) >= end + ChartText.Gap)
            {
                Label(page, center, Bottom + 20, label, "middle", "tick place");
                end = center + (width / 2);
            }
        }

        Label(page, 0, 12, ValueUnit, "start", "unit");
        Label(page, Right, Height - 6, PlaceUnit, "end", "unit");
    }

    private IEnumerable<(int Place, string Label)> EvenLabels()
    {
        var every = (int)Math.Ceiling((Places.Select(ChartText.Width).DefaultIfEmpty().Max() + ChartText.Gap) / PlaceWidth);
        return Enumerable.Range(0, Places.Count).Where(place => place % Math.Max(1, every) == 0).Select(place => (place, Places[place]));
    }
}

/// <summary>A column per place: how many in each interval.</summary>
internal sealed class ColumnChart : PlotChart
{
    /// <summary>A value per place.</summary>
    public required IReadOnlyList<double> Values { get; init; }

    /// <inheritdoc/>
    public override bool IsEmpty => Values.All(value => value == 0);

    /// <inheritdoc/>
    public override IReadOnlyList<string> Heads => [PlaceUnit, ValueUnit];

    /// <inheritdoc/>
    public override IEnumerable<IReadOnlyList<string>> Figures =>
        Places.Zip(Values, IReadOnlyList<string> (place, value) => [place, Format(value)]);

    /// <inheritdoc/>
    protected override void DrawInside(MarkupWriter page)
    {
        var axis = new Axis(Values.Max(), IsWhole);
        DrawAxes(page, axis);
        for (var index = 0; index < Values.Count; index++)
        {
            var top = Y(Values[index], axis);
            Box(
                page,
                Left + ((index + 0.1) * PlaceWidth),
                top,
                0.8 * PlaceWidth,
                Bottom - top,
                "c0",
                $"{Places[index]}: {Format(Values[index])} {ValueUnit}");
        }
    }
}

/// <summary>A line per series over the places; where there is no value the line has a gap.</summary>
internal sealed class LineChart : PlotChart
{
    /// <summary>The series: a name, and a value per place or null.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> Series { get; init; }

    /// <inheritdoc/>
    public override bool IsEmpty => Series.All(series => series.Values.All(value => value is null));

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Class)> Legend =>
        Series.Count < 2 ? [] : [.. Series.Select((series, index) => (series.Name, $"c{index} m{index}"))];

    /// <inheritdoc/>
    public override IReadOnlyList<string> Heads => [PlaceUnit, .. Series.Select(series => series.Name)];

    /// <inheritdoc/>
    public override IEnumerable<IReadOnlyList<string>> Figures => Places.Select(IReadOnlyList<string> (place, index) =>
        [place, .. Series.Select(series => series.Values[index] is { } value ? Format(value) : "")]);

    /// <inheritdoc/>
    protected override void DrawInside(MarkupWriter page)
    {
        var axis = new Axis(Series.Max(series => series.Values.Max() ?? 0), IsWhole);
        DrawAxes(page, axis);
        for (var index = 0; index < Series.Count; index++)
        {
            page.Begin("path", ("d", Path(Series[index].Values, axis)), ("class", $"line l{index}")).End();
        }

        for (var place = 0; place < Places.Count; place++)
        {
            DrawPoints(page, place, axis);
        }
    }

    // Marks do not touch each other.
    private double Dot => Math.Clamp(PlaceWidth / 3.5, 1.3, 3);

    private double X(int place) => Left + ((place + 0.5) * PlaceWidth);

    private string Path(IReadOnlyList<double?> values, Axis axis)
    {
        var path = new StringBuilder();
        for (var place = 0; place < values.Count; place++)
        {
            if (values[place] is { } value)
            {
                path.Append(place > 0 && values[place - 1] is not null ? 'L' : 'M').Append(Number(X(place))).Append(' ').Append(Number(Y(value, axis)));
            }
        }

        return path.ToString();
    }

    /// <summary>A mark at each value, a dot for the first series and a ring for the second; and over the whole height a place to point at.</summary>
    private void DrawPoints(MarkupWriter page, int place, Axis axis)
    {
        var tooltip = new StringBuilder(Places[place]);
        for (var index = 0; index < Series.Count; index++)
        {
            var values = Series[index].Values;
            if (values[place] is { } value)
            {
                tooltip.Append('\n').Append(Series[index].Name).Append(": ").Append(Format(value));
                page.Begin("circle", ("cx", Number(X(place))), ("cy", Number(Y(value, axis))), ("r", Number(index == 0 ? Dot : Dot + 1.2)), ("class", $"mark m{index}")).End();
            }
        }

        Box(page, X(place) - (PlaceWidth / 2), Top, PlaceWidth, Bottom - Top, "point", tooltip.ToString());
    }
}
