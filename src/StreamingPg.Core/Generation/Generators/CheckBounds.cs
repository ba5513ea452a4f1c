using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>
/// What the bounds of CHECKs leave of the values that a generator makes. Bounds of the metadata itself say where the values are to lie;
/// those of CHECKs only where they may: <c>age BETWEEN 0 AND 150</c> makes nobody 149.
/// </summary>
internal static class CheckBounds
{
    /// <summary>True when a column may have all values from one to another, and nothing says how they are distributed.</summary>
    public static bool Allow(ColumnModel column, object minimum, object maximum)
    {
        if (column is { Minimum: null, Maximum: null, Distribution: null })
        {
            return true;
        }

        return column is { IsBoundByChecks: true, Distribution: null } && ValueScale.For(column.Type) is { } scale && scale.Fits(minimum) && scale.Fits(maximum)
            && (column.Minimum is null || scale.ToStep(column.Minimum, up: true) <= scale.ToStep(minimum, up: true))
            && (column.Maximum is null || scale.ToStep(column.Maximum, up: false) >= scale.ToStep(maximum, up: false));
    }

    /// <summary>The bounds of a column, those of CHECKs not wider than the usual values; as they are where these have no value in common.</summary>
    public static (object? Minimum, object? Maximum) Within(ColumnModel column, ValueScale scale, object minimum, object maximum)
    {
        if (!column.IsBoundByChecks || !scale.Fits(minimum) || !scale.Fits(maximum))
        {
            return (column.Minimum, column.Maximum);
        }

        var least = column.Minimum is { } low && scale.ToStep(low, up: true) > scale.ToStep(minimum, up: true) ? low : minimum;
        var most = column.Maximum is { } high && scale.ToStep(high, up: false) < scale.ToStep(maximum, up: false) ? high : maximum;
        return scale.ToStep(least, up: true) <= scale.ToStep(most, up: false) ? (least, most) : (column.Minimum, column.Maximum);
    }
}
