using System.Globalization;
using System.Text;

namespace StreamingPg.Core.Growth;

/// <summary>The text of a watch in a terminal: each look is written over the one before.</summary>
/// <param name="title">What is watched.</param>
internal sealed class GrowthScreen(string title)
{
    private const int FewestBars = 8;
    private const int HeadLines = 4;
    private const string TotalName = "total";
    private int _lines;

    /// <summary>What to write to the terminal at a refresh.</summary>
    /// <param name="look">One result per table.</param>
    /// <param name="width">Columns of the terminal.</param>
    /// <param name="height">
    /// Lines of the terminal: what has scrolled away cannot be written over, so of a longer table the last rows are left out, and not
    /// the head and the total.
    /// </param>
    public string Text(IReadOnlyList<TableRate> look, int width, int height)
    {
        ArgumentNullException.ThrowIfNull(look);
        var lines = Lines(look, width, height - 1).Take(Math.Max(1, height - 1)).ToList();
        var text = new StringBuilder();
        if (_lines > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $"\e[{_lines}F"); // to the first line of the look before
        }

        foreach (var line in lines.Select(Plain))
        {
            // A line that fills the width would wrap in some terminals, and the count of lines would be wrong.
            text.Append(line.Length < width ? line : line[..Math.Max(0, width - 1)]).Append("\e[K\n");
        }

        text.Append("\e[J"); // what is left of a longer look before
        _lines = lines.Count;
        return text.ToString();
    }

    private IEnumerable<string> Lines(IReadOnlyList<TableRate> look, int width, int height)
    {
        var total = look.Count > 1 ? Total(look) : null;
        var room = height - HeadLines - (total is null ? 0 : 1);
        var shown = look.Count <= room ? look.Count : Math.Max(0, room - 1);
        var names = Math.Max(TotalName.Length, look.Max(table => table.Table.Length));
        yield return Head(look[0].Time, width);
        yield return "";
        yield return Line(names, "table", "rows", "added", "rows/s", "recent");
        yield return Line(names, new string('-', 5), new string('-', 4), new string('-', 5), new string('-', 6), new string('-', 6));
        foreach (var table in look.Take(shown))
        {
            yield return Line(names, table, width);
        }

        if (shown < look.Count)
        {
            yield return $"… {look.Count - shown} more";
        }

        if (total is not null)
        {
            yield return Line(names, total, width);
        }
    }

    /// <summary>The time and the way out stay whole in a narrow terminal; the name of the database gives way.</summary>
    private string Head(DateTime time, int width)
    {
        var rest = $"  {DisplayText.Instant(time)}  Ctrl+C ends";
        var room = Math.Max(1, width - 1 - rest.Length);
        return (title.Length <= room ? title : title[..(room - 1)] + "…") + rest;
    }

    private static TableRate Total(IReadOnlyList<TableRate> look) => look[0] with
    {
        Table = TotalName,
        Rows = look.Sum(static table => table.Rows),
        IsEstimate = look.Any(static table => table.IsEstimate),
        Delta = look.Sum(static table => table.Delta),
        RecentRates = [.. look[0].RecentRates.Select((_, index) => look.Sum(table => table.RecentRates.ElementAtOrDefault(index)))],
    };

    private static string Line(int names, TableRate table, int width)
    {
        var figures = Line(
            names, table.Table, DisplayText.Rows(table.Rows, table.IsEstimate), Signed(table.Delta), DisplayText.SmallRate(table.RowsPerSecond), "");
        return figures + DisplayText.Sparkline(table.RecentRates.TakeLast(Math.Max(FewestBars, width - figures.Length - 1)));
    }

    // A line end within a name would make the count of lines wrong.
    private static string Plain(string line) => DisplayText.Plain(line).Replace('\n', '␊').Replace('\t', '␉');

    private static string Line(int names, string table, string rows, string added, string rate, string recent) =>
        $"{table.PadRight(names)}  {rows,15}  {added,11}  {rate,9}  {recent}";

    private static string Signed(long rows) => rows < 0 ? DisplayText.Count(rows) : "+" + DisplayText.Count(rows);
}
