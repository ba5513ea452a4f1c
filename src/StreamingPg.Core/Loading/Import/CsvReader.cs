using System.Buffers;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Reads CSV (RFC 4180) as PostgreSQL's COPY does: an empty field is no value, a quoted empty one is empty text. What COPY and
/// spreadsheets read differently, a quotation mark within a plain field, is a fault.
/// </summary>
/// <remarks>Our own because the reading goes on behind a faulty record, whose text is kept: Sylvan.Data.Csv ends at the first one.</remarks>
internal sealed class CsvReader
{
    private const int End = -1;

    /// <summary>Longer than any row of the server: a quotation mark is open.</summary>
    private const int LongestRecord = 1 << 29;

    private readonly TextReader _input;
    private readonly char _delimiter;
    private readonly SearchValues<char> _ends;
    private readonly List<string?> _fields = [];
    private char[] _buffer = new char[1 << 16];
    private int _start;
    private int _at;
    private int _end;
    private long _line = 1;
    private bool _isInputRead;
    private bool? _endsWithCarriageReturn;

    /// <param name="input">The text.</param>
    /// <param name="delimiter">What stands between fields.</param>
    public CsvReader(TextReader input, char delimiter = ',')
    {
        _input = input;
        _delimiter = delimiter;
        _ends = SearchValues.Create([delimiter, '"', '\r', '\n']);
    }

    /// <summary>The fields of the record that was read last.</summary>
    public IReadOnlyList<string?> Fields => _fields;

    /// <summary>The record as it stands in the input.</summary>
    public string Text => new string(_buffer, _start, _at - _start).TrimEnd('\r', '\n');

    /// <summary>Line in which the record begins.</summary>
    public long Line { get; private set; } = 1;

    /// <summary>Why the record cannot be understood, a clause; null when it can.</summary>
    public string? Fault { get; private set; }

    /// <summary>True when the input ends within a quoted field.</summary>
    public bool IsQuoteOpen { get; private set; }

    /// <summary>True when the record is the last one, and no line end follows it.</summary>
    public bool IsLastWithoutLineEnd { get; private set; }

    /// <summary>Reads the next record; false at the end.</summary>
    public bool Read()
    {
        _start = _at;
        _fields.Clear();
        Fault = null;
        Line = _line;
        if (Peek() == End)
        {
            return false;
        }

        while (ReadField())
        {
        }

        return true;
    }

    /// <summary>True for an empty line: of several columns it is no record, of one it is a record without a value.</summary>
    public bool IsEmptyLine => _fields is [null] && Fault is null;

    /// <summary>Reads a field and what ends it; true when another one follows.</summary>
    private bool ReadField()
    {
        var isQuoted = Peek() == '"';
        var field = isQuoted ? ReadQuoted() : ReadPlain();
        while (Peek() is var next && next != _delimiter && !IsLineEnd(next))
        {
            Fault ??= isQuoted ? "it has text after a closing quotation mark"
                : next == '"' ? "it has a quotation mark inside an unquoted field"
                : "it has a carriage return outside quotation marks";
            _at++;
        }

        _fields.Add(field.Length == 0 && !isQuoted ? null : field);
        if (Peek() == _delimiter)
        {
            _at++;
            return true;
        }

        TakeLineEnd();
        return false;
    }

    private string ReadPlain()
    {
        var begin = _at - _start;
        while (true)
        {
            var found = _buffer.AsSpan(_at, _end - _at).IndexOfAny(_ends);
            _at = found < 0 ? _end : _at + found;
            if (found >= 0 || !Fill())
            {
                return new string(_buffer, _start + begin, _at - _start - begin);
            }
        }
    }

    private string ReadQuoted()
    {
        var begin = ++_at - _start;
        var hasQuotes = false;
        while (true)
        {
            var found = _buffer.AsSpan(_at, _end - _at).IndexOf('"');
            _at = found < 0 ? _end : _at + found;
            if (found < 0)
            {
                if (!Fill())
                {
                    Fault = "a quotation mark is not closed";
                    IsQuoteOpen = true;
                    return Quoted(begin, hasQuotes);
                }

                continue;
            }

            _at++;
            if (Peek() != '"')
            {
                _at--;
                var field = Quoted(begin, hasQuotes);
                _at++;
                return field;
            }

            hasQuotes = true;
            _at++;
        }
    }

    private string Quoted(int begin, bool hasQuotes)
    {
        var text = _buffer.AsSpan(_start + begin, _at - _start - begin);
        _line += text.Count('\n');
        return hasQuotes ? new string(text).Replace("\"\"", "\"", StringComparison.Ordinal) : new string(text);
    }

    /// <summary>A line ends with \n or \r\n; with \r alone where the first one does.</summary>
    private bool IsLineEnd(int next)
    {
        if (next != '\r')
        {
            return next is '\n' or End;
        }

        return _endsWithCarriageReturn == true || PeekSecond() == '\n' || _endsWithCarriageReturn is null;
    }

    private void TakeLineEnd()
    {
        var next = Peek();
        IsLastWithoutLineEnd = next == End;
        if (next == End)
        {
            return;
        }

        var isPair = next == '\r' && PeekSecond() == '\n';
        _endsWithCarriageReturn ??= next == '\r' && !isPair;
        _at += isPair ? 2 : 1;
        _line++;
    }

    private int Peek() => _at < _end || Fill() ? _buffer[_at] : End;

    private int PeekSecond() => _at + 1 < _end || Fill() ? _at + 1 < _end ? _buffer[_at + 1] : End : End;

    /// <summary>Reads on; the record in hand stays in the buffer.</summary>
    private bool Fill()
    {
        if (_isInputRead)
        {
            return false;
        }

        var record = _end - _start;
        if (_start > 0)
        {
            _buffer.AsSpan(_start, record).CopyTo(_buffer);
            (_at, _end, _start) = (_at - _start, record, 0);
        }

        if (_end == _buffer.Length)
        {
            Array.Resize(ref _buffer, _buffer.Length < LongestRecord ? 2 * _buffer.Length : throw TooLong());
        }

        var read = _input.Read(_buffer.AsSpan(_end));
        _isInputRead = read == 0;
        _end += read;
        return read > 0;
    }

    private StreamingException TooLong() => new(
        ErrorIds.InputUnfinished,
        StreamingErrorKind.InvalidInput,
        $"The record that starts in line {Line} is too long: a quotation mark is not closed.",
        "Correct the file; nothing was imported.");
}
