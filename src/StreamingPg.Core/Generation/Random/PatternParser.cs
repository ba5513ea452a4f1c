using System.Globalization;
using System.Text;

namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// Reads a simple regular expression: literals, <c>\d \w \s</c> and <c>.</c>, classes, <c>? * + {m,n}</c>, groups and alternatives;
/// <c>^</c> and <c>$</c> may stand at the ends. Every reason why it cannot is a <see cref="FormatException"/>.
/// </summary>
internal sealed class PatternParser
{
    private const int MostRepeats = 1000;
    private const int MoreThanLeast = 8; // what * and + add at most
    private const int MostDepth = 50;
    private const int MostLength = 10_000;

    private readonly Rune[] _pattern;
    private int _at;
    private int _depth;

    private readonly bool _ignoreCase;

    private PatternParser(string pattern, bool ignoreCase)
    {
        _pattern = [.. pattern.EnumerateRunes()];
        _ignoreCase = ignoreCase;
    }

    /// <summary>Reads a pattern.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="ignoreCase">True to leave out characters that differ from others by their case only.</param>
    public static PatternNode Parse(string pattern, bool ignoreCase = false)
    {
        var parser = new PatternParser(pattern, ignoreCase);
        parser.Skip('^');
        var node = parser.Alternatives();
        if (parser._at < parser._pattern.Length)
        {
            throw parser.Error($"\"{parser._pattern[parser._at]}\" has no opening counterpart");
        }

        return node.MaximumLength <= MostLength
            ? node
            : throw new FormatException($"it generates texts of up to {node.MaximumLength} characters, but the maximum is {MostLength}");
    }

    private PatternNode Alternatives()
    {
        if (++_depth > MostDepth)
        {
            throw Error($"groups are nested deeper than {MostDepth}");
        }

        var parts = new List<PatternNode> { Sequence() };
        while (Skip('|'))
        {
            parts.Add(Sequence());
        }

        _depth--;
        return parts.Count == 1 ? parts[0] : new PatternAlternatives(parts);
    }

    private PatternSequence Sequence()
    {
        var parts = new List<PatternNode>();
        while (_at < _pattern.Length && !Is('|') && !Is(')'))
        {
            if (Is('$') && (_at == _pattern.Length - 1))
            {
                _at++;
                break;
            }

            parts.Add(Repeated(Single()));
        }

        return new PatternSequence(parts);
    }

    private PatternNode Single()
    {
        var character = _pattern[_at++];
        switch (character.Value)
        {
            case '(':
                return Group();
            case '[':
                return new PatternCharacters(PatternClass.Parse(_pattern, ref _at), _ignoreCase);
            case '.':
                return new PatternCharacters(PatternClass.Printable, _ignoreCase);
            case '\\':
                return new PatternCharacters(PatternClass.Escape(_pattern, ref _at), _ignoreCase);
            case '*' or '+' or '?' or '{':
                throw Error($"\"{character}\" repeats nothing");
            case '^' or '$':
                throw Error($"\"{character}\" is allowed only at the start or the end");
            default:
                return new PatternCharacters([character], _ignoreCase);
        }
    }

    private PatternNode Group()
    {
        if (Skip('?') && !Skip(':'))
        {
            throw Error("groups that start with (? are not supported, except (?:");
        }

        var inside = Alternatives();
        return Skip(')') ? inside : throw Error("a group is not closed");
    }

    private PatternNode Repeated(PatternNode part)
    {
        if (_at >= _pattern.Length)
        {
            return part;
        }

        var (least, most) = _pattern[_at].Value switch
        {
            '?' => (0, 1),
            '*' => (0, MoreThanLeast),
            '+' => (1, 1 + MoreThanLeast),
            '{' => (-1, -1),
            _ => (1, 1),
        };
        if ((least, most) == (1, 1))
        {
            return part;
        }

        _at++;
        if (least < 0)
        {
            (least, most) = Braces();
        }

        if (_at < _pattern.Length && _pattern[_at].Value is '?' or '*' or '+' or '{')
        {
            throw Error("a repetition follows a repetition");
        }

        // Nothing stays nothing, however often it comes.
        return part.MaximumLength == 0 ? part : part.MaximumLength * most <= MostLength
            ? new PatternRepeat(part, least, most)
            : throw Error($"it generates texts of more than {MostLength} characters");
    }

    private (int Least, int Most) Braces()
    {
        var least = Number();
        var most = !Skip(',') ? least : Is('}') ? least + MoreThanLeast : Number();
        if (!Skip('}'))
        {
            throw Error("a repetition is not closed");
        }

        return least <= most ? (least, most) : throw Error($"{{{least},{most}}} is not a valid repetition");
    }

    private int Number()
    {
        var start = _at;
        while (_at < _pattern.Length && char.IsAsciiDigit((char)Math.Min(_pattern[_at].Value, 0xFFFF)))
        {
            _at++;
        }

        var digits = string.Concat(_pattern[start.._at]);
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number <= MostRepeats
            ? number
            : throw Error($"a number of repetitions from 0 to {MostRepeats} is missing");
    }

    private bool Is(char character) => _at < _pattern.Length && _pattern[_at].Value == character;

    private bool Skip(char character)
    {
        if (!Is(character))
        {
            return false;
        }

        _at++;
        return true;
    }

    private FormatException Error(string reason) => new($"at character {Math.Min(_at + 1, _pattern.Length)}, {reason}");
}
