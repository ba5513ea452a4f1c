using System.Text.Json;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Writes results to standard output, as JSON lines or for people.</summary>
/// <param name="json">True for JSON lines.</param>
/// <param name="tellsOfCommittedWork">True when a standard output that cannot be written is a warning, and not a failure.</param>
internal sealed class ResultWriter(bool json, bool tellsOfCommittedWork)
{
    private bool _isBroken;

    /// <summary>True when a person's terminal takes the output, and text may be written over there.</summary>
    public bool IsForTerminal => !json && !Console.IsOutputRedirected;

    /// <summary>Writes results as a table, or as one JSON line each.</summary>
    public void Write<T>(IReadOnlyList<T> results, TextTable<T> table)
    {
        if (json)
        {
            WriteJson(results);
        }
        else
        {
            Guarded(() => table.WriteTo(Console.Out, results));
        }
    }

    /// <summary>Writes the results that people should see as a table, and none if there are none; or all results as JSON lines.</summary>
    public void WriteFindings<T>(IReadOnlyList<T> results, Func<T, bool> isFinding, TextTable<T> table)
    {
        IReadOnlyList<T> shown = json ? results : [.. results.Where(isFinding)];
        if (shown.Count > 0)
        {
            Write(shown, table);
        }
    }

    /// <summary>Writes one result as names and values, or as a JSON line. A value that is null or empty is left out.</summary>
    public void Write<T>(T result, params (string Name, string? Value)[] values)
    {
        if (json)
        {
            WriteJson([result]);
            return;
        }

        var width = values.Max(value => value.Name.Length);
        foreach (var (name, value) in values.Where(value => !string.IsNullOrEmpty(value.Value)))
        {
            WriteLine($"{name.PadRight(width)} : {DisplayText.Plain(value)}");
        }
    }

    /// <summary>Writes one of many results that come one by one: as a line for people, or as a JSON line. It is there at once.</summary>
    public void WriteLine<T>(T result, string line)
    {
        if (json)
        {
            WriteJson([result]);
        }
        else
        {
            WriteLine(DisplayText.Plain(line));
        }
    }

    /// <summary>Says what the command would do, and that it did nothing.</summary>
    public int WhatIf(string plan)
    {
        WriteLine(new PlannedWork(plan), $"What if: {plan}.");
        return ExitCode.Done;
    }

    /// <summary>Writes a line for people only.</summary>
    public void Say(string line)
    {
        if (!json)
        {
            WriteLine(DisplayText.Plain(line));
        }
    }

    private void WriteJson<T>(IEnumerable<T> results)
    {
        foreach (var result in results)
        {
            WriteLine(JsonSerializer.Serialize(result, typeof(T), OutputJson.Lines));
        }
    }

    private void WriteLine(string line) => Guarded(() => Console.Out.WriteLine(line));

    private void Guarded(Action write)
    {
        if (_isBroken)
        {
            return;
        }

        ErrorOutput.Wipe();
        try
        {
            write();
        }
        catch (IOException exception) when (tellsOfCommittedWork)
        {
            _isBroken = true;
            EventOutput.Warn($"standard output cannot be written: {exception.Message} Commits are not affected.");
        }
    }
}

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
