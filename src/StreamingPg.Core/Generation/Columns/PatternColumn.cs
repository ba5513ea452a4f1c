using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Text that a regular expression matches.</summary>
internal sealed class PatternColumn : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _random;
    private readonly PatternNode _pattern;
    private readonly string _text;
    private long? _count;

    /// <exception cref="FormatException">The pattern is not understood, or its texts do not fit the column; the message is the reason
    /// alone.</exception>
    public PatternColumn(CountedRandom random, string pattern, int? length)
    {
        _random = random;
        _text = pattern;
        _pattern = Parse(pattern, ignoreCase: false);
        if (_pattern.MaximumLength > length)
        {
            throw new FormatException(
                $"the pattern \"{pattern}\" generates texts of up to {_pattern.MaximumLength} characters, but the column takes only {length}");
        }
    }

    private PatternColumn(PatternColumn column)
    {
        _random = column._random;
        _text = column._text;
        _pattern = Parse(_text, ignoreCase: true);
    }

    // Asked for with every value that is numbered.
    public long Count => _count ??= _pattern.IsUnambiguous(new HashSet<System.Text.Rune>())
        ? _pattern.Count
        : throw new FormatException("its pattern can generate the same text in several ways, so its distinct texts cannot be counted");

    /// <summary>The same texts, but those only that differ by more than small and capital letters.</summary>
    public PatternColumn IgnoringCase() => new(this);

    public void WriteIndex(RowWriter writer, long index)
    {
        var start = writer.BeginField();
        _pattern.Append(writer, index);
        writer.EndField(start);
    }

    public override void Write(RowWriter writer, long row)
    {
        var draws = new PatternDraws(_random, row);
        var start = writer.BeginField();
        _pattern.Append(writer, ref draws);
        writer.EndField(start);
    }

    private static PatternNode Parse(string pattern, bool ignoreCase)
    {
        try
        {
            return PatternParser.Parse(pattern, ignoreCase);
        }
        catch (FormatException exception)
        {
            throw new FormatException($"the pattern \"{pattern}\" is not supported: {exception.Message}", exception);
        }
    }
}
