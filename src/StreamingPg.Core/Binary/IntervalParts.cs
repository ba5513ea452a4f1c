using System.Globalization;

namespace StreamingPg.Core.Binary;

/// <summary>An interval in the three parts that PostgreSQL keeps apart: a month has no fixed number of days, nor a day of hours.</summary>
internal readonly record struct IntervalParts(int Months, int Days, long Microseconds)
{
    /// <summary>ISO 8601, such as <c>P1Y2M3DT4H5M6.5S</c>: the one form that means the same whatever the server's intervalstyle.</summary>
    public override string ToString()
    {
        var text = new System.Text.StringBuilder("P");
        Append(text, Months / 12, "Y");
        Append(text, Months % 12, "M");
        Append(text, Days, "D");
        if (Microseconds != 0)
        {
            var (minutes, rest) = Math.DivRem(Microseconds, PostgresTime.Minute);
            text.Append('T');
            Append(text, minutes / 60, "H");
            Append(text, minutes % 60, "M");
            Append(text, rest / 1_000_000m, "S");
        }

        return text.Length == 1 ? "PT0S" : text.ToString();
    }

    private static void Append(System.Text.StringBuilder text, decimal amount, string unit)
    {
        if (amount != 0)
        {
            text.Append(amount.ToString("0.######", CultureInfo.InvariantCulture)).Append(unit);
        }
    }
}
