using System.Globalization;

namespace StreamingPg;

/// <summary>Formats sizes, times and numbers for display, the same in every culture.</summary>
public static class DisplayText
{
    private static readonly string[] Units = ["B", "KB", "MB", "GB", "TB", "PB"];

    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>A size with about three digits: <c>8 KB</c>, <c>1.2 MB</c> (1 KB is 1024 bytes).</summary>
    public static string Bytes(long bytes)
    {
        double size = bytes;
        var unit = 0;
        while (Math.Abs(size) >= 1024 && unit < Units.Length - 1)
        {
            size /= 1024;
            unit++;
        }

        var format = unit == 0 || Math.Abs(size) >= 100 || size == Math.Floor(size) ? "0" : "0.0";
        return $"{size.ToString(format, CultureInfo.InvariantCulture)} {Units[unit]}";
    }

    /// <summary>A duration in a suitable unit: <c>1.2 ms</c>, <c>3.4 s</c>, <c>2 min 5 s</c>, <c>1 d</c>.</summary>
    public static string Duration(TimeSpan? time) => time switch
    {
        null => "",
        { TotalMilliseconds: < 100 } => Format($"{time.Value.TotalMilliseconds:0.0} ms"),
        { TotalSeconds: < 1 } => Format($"{time.Value.TotalMilliseconds:0} ms"),
        { TotalSeconds: < 60 } => Format($"{time.Value.TotalSeconds:0.0} s"),
        { TotalHours: < 1 } => TwoUnits(time.Value.Minutes, "min", time.Value.Seconds, "s"),
        { TotalDays: < 1 } => TwoUnits(time.Value.Hours, "h", time.Value.Minutes, "min"),
        _ => TwoUnits(time.Value.Days, "d", time.Value.Hours, "h"),
    };

    /// <summary>A number with thousands separators: <c>1,400,000</c>.</summary>
    public static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A number of rows; <c>~</c> marks an estimate.</summary>
    public static string Rows(long rows, bool isEstimate) => isEstimate ? "~" + Count(rows) : Count(rows);

    /// <summary>Says that only some rows of these tables were visible.</summary>
    public static string PartlyVisible(IEnumerable<string> tables) =>
        $"Row-level security shows this role only some rows of {string.Join(", ", tables)}: the others were not checked.";

    /// <summary>An amount of money, to the cent: <c>1,904.95</c>.</summary>
    public static string Amount(decimal? amount) => amount?.ToString("N2", CultureInfo.InvariantCulture) ?? "";

    /// <summary>A share as a percentage, with a decimal unless it is zero: <c>12.5 %</c>.</summary>
    public static string Percent(double share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %");

    /// <summary>A rate without decimals: <c>60,123</c>.</summary>
    public static string Rate(double perSecond) => perSecond.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A rate, with a decimal if it is small: <c>0.5</c>, <c>60,123</c>.</summary>
    public static string SmallRate(double perSecond) =>
        Math.Abs(perSecond) < 10 ? perSecond.ToString("0.#", CultureInfo.InvariantCulture) : Rate(perSecond);

    /// <summary>Numbers as bars: <c>▁▃█</c>. The largest number gets the tallest bar; zero and negative numbers get the lowest.</summary>
    public static string Sparkline(IEnumerable<double> values)
    {
        var all = (values ?? []).ToList();
        var most = all.Count == 0 ? 0 : all.Max();
        return string.Concat(all.Select(value =>
            Bars[most > 0 && value > 0 ? (int)Math.Ceiling(value / most * (Bars.Length - 1)) : 0]));
    }

    /// <summary>Rows per table in one line: <c>users 10, transactions 30</c>.</summary>
    public static string Tables(IEnumerable<TableCount> tables) =>
        string.Join(", ", (tables ?? []).Select(static table => $"{Plain(table.Table)} {Count(table.Rows)}"));

    /// <summary>
    /// Text from data, safe for a terminal: control characters, except for line ends and tabs, are shown as symbols
    /// (<c>␛</c>), and characters that change the text direction as <c>�</c>.
    /// </summary>
    public static string Plain(string? text)
    {
        if (text is null || !text.Any(IsObeyed))
        {
            return text ?? "";
        }

        return string.Create(text.Length, text, static (plain, given) =>
        {
            for (var index = 0; index < given.Length; index++)
            {
                plain[index] = !IsObeyed(given[index]) ? given[index] : given[index] switch
                {
                    < ' ' => (char)('\u2400' + given[index]),
                    '\u007f' => '\u2421',
                    _ => '\ufffd',
                };
            }
        });
    }

    /// <summary>
    /// Text of a table's last column, folded at words where PowerShell would cut in their middle. The lines after the first are indented.
    /// </summary>
    /// <param name="taken">Columns of the terminal that the other columns take, with the gaps.</param>
    /// <param name="lines">The text: what is named first, and what is to be said of it. Empty lines are left out.</param>
    public static string Fold(int taken, params string?[] lines)
    {
        var width = Math.Max(16, TerminalWidth() - 1 - taken);
        var folded = new List<string>();
        foreach (var line in (lines ?? []).Where(static line => !string.IsNullOrWhiteSpace(line)).SelectMany(static line => Plain(line).Split('\n')))
        {
            var rest = (folded.Count == 0 ? "" : "  ") + line.Trim();
            while (rest.Length > width)
            {
                var at = rest.LastIndexOf(' ', width, width - 2);
                var end = at < 0 ? width : at;
                folded.Add(rest[..end].TrimEnd());
                rest = "  " + rest[end..].TrimStart();
            }

            folded.Add(rest);
        }

        return string.Join('\n', folded);
    }

    /// <summary>The last eight digits of a key, enough to distinguish the rows on a screen.</summary>
    public static string ShortKey(Guid? key) => key is null ? "" : string.Concat("…", key.Value.ToString("N").AsSpan(24));

    /// <summary>An instant in UTC to the second: <c>2025-01-31 09:30:00Z</c>.</summary>
    public static string Instant(DateTime? time) => time is null ? "" : Format($"{time.Value:yyyy-MM-dd HH:mm:ss}Z");

    /// <summary>What is no terminal has 80 columns.</summary>
    private static int TerminalWidth()
    {
        try
        {
            return Console.WindowWidth is > 0 and var width ? width : 80;
        }
        catch (IOException)
        {
            return 80;
        }
    }

    private static bool IsObeyed(char character) =>
        (char.IsControl(character) && character is not ('\n' or '\t')) || character is (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    private static string TwoUnits(int large, string largeUnit, int small, string smallUnit) =>
        Format(small == 0 ? $"{large} {largeUnit}" : (FormattableString)$"{large} {largeUnit} {small} {smallUnit}");

    private static string Format(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
