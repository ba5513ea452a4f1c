namespace StreamingPg.Cli.Infrastructure;

/// <summary>An aligned table of text: headers, a rule, one line per row; numbers stand right.</summary>
internal sealed class TextTable<T>
{
    private readonly List<(string Header, Func<T, string> Text, bool Right)> _columns = [];

    /// <summary>Adds a column of text.</summary>
    public TextTable<T> Text(string header, Func<T, string> text)
    {
        _columns.Add((header, text, false));
        return this;
    }

    /// <summary>Adds a column that is aligned right.</summary>
    public TextTable<T> Number(string header, Func<T, string> text)
    {
        _columns.Add((header, text, true));
        return this;
    }

    /// <summary>Writes the table, with an empty line around it.</summary>
    public void WriteTo(TextWriter output, IReadOnlyList<T> rows)
    {
        var cells = rows.Select(row => _columns.Select(column => DisplayText.Plain(column.Text(row))).ToArray()).ToList();
        var widths = _columns.Select((column, index) =>
            cells.Select(line => line[index].Length).Append(column.Header.Length).Max()).ToArray();

        output.WriteLine();
        WriteLine(output, widths, [.. _columns.Select(column => column.Header)]);
        WriteLine(output, widths, [.. _columns.Select(column => new string('-', column.Header.Length))]);
        foreach (var line in cells)
        {
            WriteLine(output, widths, line);
        }

        output.WriteLine();
    }

    private void WriteLine(TextWriter output, int[] widths, string[] cells) =>
        output.WriteLine(string.Join("  ", cells.Select((cell, index) =>
            _columns[index].Right ? cell.PadLeft(widths[index]) : cell.PadRight(widths[index]))).TrimEnd());
}
