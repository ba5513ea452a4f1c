using System.Text;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Cuts an input into JSON values: one a line, values over several lines, or the elements of one array. A faulty value does not hide
/// those behind it: a line that begins with a brace begins a new one.
/// </summary>
internal sealed class JsonRecords(TextReader input)
{
    private readonly StringBuilder _text = new();
    private string? _lineText;
    private int _at;
    private long _number;
    private bool _isArray;
    private bool _isBegun;
    private bool _isInString;
    private int _depth;

    /// <summary>The value as it stands in the input.</summary>
    public string Text => _text.ToString();

    /// <summary>Line in which it begins.</summary>
    public long Line { get; private set; }

    /// <summary>True when the input ends within it.</summary>
    public bool IsUnfinished { get; private set; }

    /// <summary>Reads the next value; false at the end.</summary>
    public bool Read()
    {
        _text.Clear();
        (_depth, _isInString) = (0, false);
        if (!SkipBlanks())
        {
            IsUnfinished = _isArray;
            Line = _number;
            return _isArray;
        }

        if (!_isBegun)
        {
            _isBegun = true;
            _isArray = _lineText![_at] == '[';
            _at += _isArray ? 1 : 0;
            return _isArray ? ReadFirstElement() : ReadValue();
        }

        return _isArray ? ReadElement() : ReadValue();
    }

    private bool ReadFirstElement() => !SkipBlanks() ? Unfinished() : _lineText![_at] == ']' ? EndArray() : ReadElement();

    /// <summary>Takes lines until all braces are closed.</summary>
    private bool ReadValue()
    {
        Line = _number;
        while (true)
        {
            var rest = _lineText.AsSpan(_at);
            _text.Append(rest);
            foreach (var character in rest)
            {
                Follow(character);
            }

            var isOpen = _depth > 0 || _isInString;
            if (!NextLine())
            {
                IsUnfinished = isOpen;
                return true;
            }

            // Text cannot go on in the next line, nor can a value where another one begins.
            if (!isOpen || _isInString || _lineText!.StartsWith('{'))
            {
                return true;
            }

            _text.Append('\n');
        }
    }

    /// <summary>Takes what stands before the next comma or the end of the array.</summary>
    private bool ReadElement()
    {
        Line = _number;
        while (true)
        {
            for (; _at < _lineText!.Length; _at++)
            {
                var character = _lineText[_at];
                if (_depth == 0 && !_isInString && character is ',' or ']')
                {
                    _at++;
                    return character == ',' || EndArrayAfterElement();
                }

                Follow(character);
                _text.Append(character);
            }

            if (!NextLine())
            {
                return Unfinished();
            }

            _isInString = false;
            _text.Append('\n');
        }
    }

    /// <summary>What stands behind the array is a value that nobody expects.</summary>
    private bool EndArray()
    {
        _at++;
        return EndArrayAfterElement() && SkipBlanks() && ReadValue();
    }

    private bool EndArrayAfterElement()
    {
        _isArray = false;
        return true;
    }

    private bool Unfinished()
    {
        _isArray = false;
        IsUnfinished = true;
        return true;
    }

    private void Follow(char character)
    {
        if (_isInString)
        {
            _isInString = character != '"' || IsEscaped();
        }
        else if (character == '"')
        {
            (_isInString, _escapes) = (true, 0);
            return;
        }
        else
        {
            _depth += character is '{' or '[' ? 1 : character is '}' or ']' ? -1 : 0;
        }

        _escapes = character == '\\' ? _escapes + 1 : 0;
    }

    private int _escapes;

    private bool IsEscaped() => _escapes % 2 == 1;

    private bool SkipBlanks()
    {
        while (true)
        {
            while (_at < _lineText?.Length)
            {
                if (!char.IsWhiteSpace(_lineText[_at]))
                {
                    return true;
                }

                _at++;
            }

            if (!NextLine())
            {
                return false;
            }
        }
    }

    private bool NextLine()
    {
        _lineText = input.ReadLine();
        _at = 0;
        _number++;
        return _lineText is not null;
    }
}
