namespace StreamingPg.Core.Report.Charts;

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
