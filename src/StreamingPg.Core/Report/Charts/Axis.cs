using System.Globalization;

namespace StreamingPg.Core.Report.Charts;

/// <summary>An axis from zero to a round number that no value exceeds.</summary>
internal sealed class Axis
{
    private const int Steps = 4;

    /// <param name="highest">The highest value; zero or more.</param>
    /// <param name="isWhole">True when there is nothing between two whole numbers.</param>
    public Axis(double highest, bool isWhole)
    {
        Step = NiceStep(Math.Max(highest, isWhole ? 1 : 1e-6) / Steps);
        if (isWhole)
        {
            Step = Math.Max(1, Math.Ceiling(Step));
        }

        Maximum = Step * Math.Max(1, Math.Ceiling((highest / Step) - 1e-9));
    }

    /// <summary>From tick to tick.</summary>
    public double Step { get; }

    /// <summary>The end of the axis.</summary>
    public double Maximum { get; }

    /// <summary>The values that are marked.</summary>
    public IEnumerable<double> Ticks => Enumerable.Range(0, (int)Math.Round(Maximum / Step) + 1).Select(tick => tick * Step);

    /// <summary>The next number of the form 1, 2, 2.5 or 5 times a power of ten.</summary>
    public static double NiceStep(double atLeast)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(atLeast)));
        var factor = (atLeast / power) switch
        {
            <= 1.0000001 => 1,
            <= 2 => 2,
            <= 2.5 => 2.5,
            <= 5 => 5,
            _ => 10,
        };
        return factor * power;
    }

    /// <summary>A number in few characters: <c>950</c>, <c>2,500</c>, <c>12k</c>, <c>3M</c>.</summary>
    public static string Short(double value)
    {
        var (divisor, unit) = Math.Abs(value) switch
        {
            >= 1e9 => (1e9, "G"),
            >= 1e6 => (1e6, "M"),
            >= 1e4 => (1e3, "k"),
            _ => (1, ""),
        };
        return Plain(value / divisor) + unit;
    }

    /// <summary>A number as tables show it: <c>1,904.5</c>.</summary>
    public static string Plain(double value) => value.ToString(Math.Abs(value) < 1 ? "0.####" : "#,0.##", CultureInfo.InvariantCulture);
}
