using System.Text;

namespace StreamingPg.Core.Report.Charts;

/// <summary>A line per series over the places; where there is no value the line has a gap.</summary>
internal sealed class LineChart : PlotChart
{
    /// <summary>The series: a name, and a value per place or null.</summary>
    public required IReadOnlyList<(string Name, IReadOnlyList<double?> Values)> Series { get; init; }

    /// <inheritdoc/>
    public override bool IsEmpty => Series.All(series => series.Values.All(value => value is null));

    /// <inheritdoc/>
    public override IReadOnlyList<(string Name, string Class)> Legend =>
        Series.Count < 2 ? [] : [.. Series.Select((series, index) => (series.Name, $"c{index}"))];

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

    /// <summary>A dot where a value stands alone, and over the whole height a place to point at.</summary>
    private void DrawPoints(MarkupWriter page, int place, Axis axis)
    {
        var tooltip = new StringBuilder(Places[place]);
        for (var index = 0; index < Series.Count; index++)
        {
            var values = Series[index].Values;
            if (values[place] is { } value)
            {
                tooltip.Append('\n').Append(Series[index].Name).Append(": ").Append(Format(value));
                if ((place == 0 || values[place - 1] is null) && (place == values.Count - 1 || values[place + 1] is null))
                {
                    page.Begin("circle", ("cx", Number(X(place))), ("cy", Number(Y(value, axis))), ("r", "3"), ("class", $"c{index}")).End();
                }
            }
        }

        Box(page, X(place) - (PlaceWidth / 2), Top, PlaceWidth, Bottom - Top, "point", tooltip.ToString());
    }
}
