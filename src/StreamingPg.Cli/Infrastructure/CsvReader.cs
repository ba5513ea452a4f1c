using System.Text;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Reads CSV as <see cref="RowWriter"/> writes it (RFC 4180): an empty field is no value, a quoted empty one is empty text.</summary>
internal sealed class CsvReader(TextReader input)
{
    private const int End = -1;

    private readonly StringBuilder _text = new();
    private readonly StringBuilder _field = new();
    private readonly List<string?> _fields = [];

    /// <summary>The fields of the record that was read last.</summary>
    public IReadOnlyList<string?> Fields => _fields;

    /// <summary>The record as it stands in the input.</summary>
    public string Text => _text.ToString();

    /// <summary>Why the record cannot be understood, a clause; null when it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>Reads the next record, and passes over empty lines; false at the end.</summary>
    public bool Read()
    {
        while (input.Peek() is '\r' or '\n')
        {
            input.Read();
        }

        _text.Clear();
        _fields.Clear();
        Fault = null;
        if (input.Peek() == End)
        {
            return false;
        }

        while (ReadField())
        {
        }

        return true;
    }

    /// <summary>Reads a field and what ends it; true when another one follows.</summary>
    private bool ReadField()
    {
        _field.Clear();
        var isQuoted = input.Peek() == '"';
        if (isQuoted)
        {
            ReadQuoted();
        }

        int next;
        while ((next = input.Peek()) is not (',' or '\r' or '\n' or End))
        {
            Fault ??= isQuoted ? "there is text after a closing quotation mark" : null;
            _field.Append((char)next);
            Take();
        }

        _fields.Add(_field.Length == 0 && !isQuoted ? null : _field.ToString());
        if (next == ',')
        {
            Take();
            return true;
        }

        return false;
    }

    private void ReadQuoted()
    {
        Take();
        while (true)
        {
            switch (Take())
            {
                case End:
                    Fault = "a quotation mark is not closed";
                    return;
                case '"' when input.Peek() != '"':
                    return;
                case '"':
                    _field.Append((char)Take());
                    break;
                case var character:
                    _field.Append((char)character);
                    break;
            }
        }
    }

    private int Take()
    {
        var character = input.Read();
        if (character != End)
        {
            _text.Append((char)character);
        }

        return character;
    }
}
