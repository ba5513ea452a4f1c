using System.Globalization;

namespace StreamingPg.Core.Checks;

/// <summary>Reads a regular expression of PostgreSQL of a simple kind for <see cref="SimplePattern"/>.</summary>
internal sealed class RegexReader(string regex)
{
    // What is made where the expression leaves it open.
    private const string AnyCharacter = "[a-z0-9]";
    private const int OpenRepetitions = 8;
    private const int MaxRepetitions = 1000;
    private const int MaxDepth = 50;

    private int _position;
    private int _depth;

    private char Current => _position < regex.Length ? regex[_position] : '\0';

    private bool AtEnd => _position >= regex.Length;

    /// <summary>The alternatives, each a row of pieces.</summary>
    /// <exception cref="FormatException">It is not of a simple kind.</exception>
    public IReadOnlyList<IReadOnlyList<PatternPart>> Read()
    {
        var alternatives = ReadAlternatives();
        return AtEnd ? alternatives : throw NotSimple();
    }

    private List<IReadOnlyList<PatternPart>> ReadAlternatives()
    {
        if (++_depth > MaxDepth)
        {
            throw NotSimple();
        }

        var alternatives = new List<IReadOnlyList<PatternPart>> { ReadSequence() };
        while (Current == '|')
        {
            _position++;
            alternatives.Add(ReadSequence());
        }

        _depth--;
        return alternatives;
    }

    /// <summary>A pattern makes whole texts, so ^ and $ at the ends of it say nothing new.</summary>
    private List<PatternPart> ReadSequence()
    {
        var parts = new List<PatternPart>();
        if (Current == '^' && _depth == 1)
        {
            _position++;
        }

        while (!AtEnd && Current is not ('|' or ')'))
        {
            if (Current == '$' && _depth == 1 && (_position + 1 == regex.Length || regex[_position + 1] == '|'))
            {
                _position++;
                break;
            }

            parts.Add(ReadRepetition(ReadAtom()));
        }

        return parts;
    }

    private PatternPart ReadAtom()
    {
        var character = regex[_position++];
        return character switch
        {
            '(' => ReadGroup(),
            '[' => new PatternPart(RegexClass.Read(regex, ref _position), 1, 1),
            '.' => new PatternPart(AnyCharacter, 1, 1),
            '\\' => ReadEscape(),
            '*' or '+' or '?' or '{' or '^' or '$' => throw NotSimple(),
            _ => new PatternPart(SimplePattern.Literal(character), 1, 1),
        };
    }

    private PatternPart ReadGroup()
    {
        if (Current == '?')
        {
            _position++;
            _position += Current == ':' ? 1 : throw NotSimple();
        }

        var alternatives = ReadAlternatives();
        _position += Current == ')' ? 1 : throw NotSimple();
        return new PatternPart(
            $"({string.Join('|', alternatives.Select(parts => string.Concat(parts)))})",
            alternatives.Min(parts => parts.Sum(part => part.MinLength)),
            alternatives.Max(parts => parts.Sum(part => part.MaxLength)));
    }

    private PatternPart ReadEscape()
    {
        var escaped = AtEnd ? throw NotSimple() : regex[_position++];
        return escaped switch
        {
            'd' => new PatternPart("[0-9]", 1, 1),
            'w' => new PatternPart("[a-z0-9_]", 1, 1),
            's' => new PatternPart(" ", 1, 1),
            _ when char.IsAsciiLetterOrDigit(escaped) => throw NotSimple(),
            _ => new PatternPart(SimplePattern.Literal(escaped), 1, 1),
        };
    }

    private PatternPart ReadRepetition(PatternPart part)
    {
        part = Current switch
        {
            '?' => Repeat(part, 0, 1),
            '*' => Repeat(part, 0, null),
            '+' => Repeat(part, 1, null),
            '{' => ReadBounds(part),
            _ => part,
        };
        return Current is '*' or '+' or '?' or '{' ? throw NotSimple() : part;
    }

    private PatternPart ReadBounds(PatternPart part)
    {
        var end = regex.IndexOf('}', _position);
        if (end < 0)
        {
            throw NotSimple();
        }

        var bounds = regex[(_position + 1)..end].Split(',');
        _position = end;
        var minimum = Number(bounds[0]);
        return bounds.Length switch
        {
            1 => Repeat(part, minimum, minimum),
            2 => Repeat(part, minimum, bounds[1].Length == 0 ? null : Number(bounds[1])),
            _ => throw NotSimple(),
        };
    }

    private PatternPart Repeat(PatternPart part, int minimum, int? maximum)
    {
        _position++;
        _position += Current == '?' ? 1 : 0; // lazy or greedy, the texts are the same
        var repeated = part with { Minimum = minimum, Maximum = maximum ?? minimum + OpenRepetitions, IsOpen = maximum is null };
        return repeated.Minimum <= repeated.Maximum && (long)part.AtomMaxLength * repeated.Maximum <= MaxRepetitions ? repeated : throw NotSimple();
    }

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MaxRepetitions
            ? number
            : throw new FormatException("The bounds of a repetition are not numbers.");

    private static FormatException NotSimple() => new("The regular expression is too complex.");
}
