using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Several words, or a sentence made of them, as many as the column takes.</summary>
internal sealed class WordsColumn : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _count;
    private readonly CountedRandom _words;
    private readonly Utf8Pool _pool;
    private readonly int _least;
    private readonly int _most;
    private readonly bool _isSentence;
    private readonly int _room;
    private readonly Lazy<NumberedWords> _numbered;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="words">The words.</param>
    /// <param name="least">Fewest words.</param>
    /// <param name="most">Maximum words.</param>
    /// <param name="isSentence">True for a full stop at the end.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    public WordsColumn(CountedRandom random, Utf8Pool words, int least, int most, bool isSentence, int? length)
    {
        _count = random.Derive("count");
        _words = random.Derive("words");
        _isSentence = isSentence;
        (_least, _most) = (least, most);
        _room = (length ?? int.MaxValue) - (isSentence ? 1 : 0);
        _pool = words.Fit(_room);
        _numbered = new(() => NumberedWords.Of(words, _least, _room));
    }

    public long Count => _numbered.Value.Count;

    /// <summary>Texts that differ by which words they have, and in which order.</summary>
    public void WriteIndex(RowWriter writer, long index)
    {
        var start = writer.BeginField();
        var (words, pool) = (_numbered.Value.Words, _numbered.Value.Pool);
        for (var word = 0; word < words; word++)
        {
            (index, var choice) = Math.DivRem(index, pool.Count);
            if (word > 0)
            {
                writer.Append((byte)' ');
            }

            Append(writer, pool[(int)choice], isFirst: word == 0);
        }

        if (_isSentence)
        {
            writer.Append((byte)'.');
        }

        writer.EndField(start);
    }

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        var words = _least + _count.Below(row, _most - _least + 1);
        var room = _room;
        for (var word = 0; word < words; word++)
        {
            var choice = (int)_words.Derive(word).Below(row, _pool.Count);
            var length = _pool.Values[choice].Length + (word == 0 ? 0 : 1);
            if (length > room)
            {
                break;
            }

            room -= length;
            if (word > 0)
            {
                writer.Append((byte)' ');
            }

            Append(writer, _pool[choice], isFirst: word == 0);
        }

        if (_isSentence)
        {
            writer.Append((byte)'.');
        }

        writer.EndField(start);
    }

    private void Append(RowWriter writer, ReadOnlySpan<byte> word, bool isFirst)
    {
        // Scripts beyond ASCII keep their first letter as it is.
        if (isFirst && _isSentence && word.Length > 0 && char.IsAsciiLetterLower((char)word[0]))
        {
            writer.Append((byte)(word[0] - ('a' - 'A')));
            word = word[1..];
        }

        writer.Append(word);
    }
}

/// <summary>Words, cut so that the text has a number of characters between two bounds; where texts must differ, codes of such a length.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="words">The words.</param>
/// <param name="bounds">The fewest and the most characters.</param>
/// <param name="lengths">The characters of each row's text.</param>
internal sealed class LengthColumn(CountedRandom random, Utf8Pool words, TextBounds bounds, StepSource lengths) : ColumnGenerator, IIndexed
{
    private const string CodeCharacters = "abcdefghijklmnopqrstuvwxyz0123456789";

    // Longer codes could not be counted.
    private const int LongestCode = 11;

    private readonly CountedRandom _words = random.Derive("words");

    // Characters of one byte each can be cut anywhere.
    private readonly Utf8Pool _pool = new([.. words.Values.Select(word => string.Concat(word.Where(char.IsAsciiLetterOrDigit)))
        .Where(word => word.Length > 0).DefaultIfEmpty("lorem")]);

    public LengthColumn(CountedRandom random, Utf8Pool words, ColumnModel column)
        : this(random, words, TextBounds.Of(column), Lengths(random, column))
    {
    }

    public long Count => (long)Math.Min(IIndexed.MostValues, Math.Pow(CodeCharacters.Length, CodeLength));

    /// <summary>How the lengths of a column's texts are distributed.</summary>
    /// <exception cref="FormatException">They are no lengths, or exclude each other; the message is the reason alone.</exception>
    public static StepSource Lengths(CountedRandom random, ColumnModel column)
    {
        var (least, most) = TextBounds.Of(column);
        return StepSources.Create(column.Distribution, ValueScale.For(new ColumnType(ColumnKind.Integer))!, random, new StepBounds(least, most));
    }

    private int CodeLength => Math.Min(bounds.Most, LongestCode);

    public void WriteIndex(RowWriter writer, long index)
    {
        var start = writer.BeginField();
        for (var filled = CodeLength; filled < bounds.Least; filled++)
        {
            writer.Append((byte)CodeCharacters[0]);
        }

        for (var character = 0; character < CodeLength; character++)
        {
            (index, var rest) = Math.DivRem(index, CodeCharacters.Length);
            writer.Append((byte)CodeCharacters[(int)rest]);
        }

        writer.EndField(start);
    }

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        var left = lengths.At(row);
        for (long word = 0; left > 0; word++)
        {
            var bytes = _pool[(int)_words.Derive(word).Below(row, _pool.Count)];
            var taken = (int)Math.Min(left, bytes.Length);
            writer.Append(bytes[..taken]);
            left -= taken;

            // A blank, unless it would be the last character, which some types cut off.
            if (left > 1)
            {
                writer.Append((byte)' ');
                left--;
            }
        }

        writer.EndField(start);
    }
}

/// <summary>Text from a short list with weights.</summary>
internal sealed class WeightedTextColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _values;
    private readonly byte[] _slots;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    /// <param name="weights">Values and their weights, which are counted together.</param>
    public WeightedTextColumn(CountedRandom random, int? length, params ReadOnlySpan<(string Value, int Weight)> weights)
    {
        _random = random;
        var values = new List<string>();
        var slots = new List<byte>();
        foreach (var (value, weight) in weights)
        {
            slots.AddRange(Enumerable.Repeat((byte)values.Count, weight));
            values.Add(value);
        }

        _values = new Utf8Pool(values).Fit(length);
        _slots = [.. slots];
    }

    public override void Write(RowWriter writer, long row) =>
        writer.WriteBytes(_values[_slots[_random.Below(row, _slots.Length)]]);
}

/// <summary>So many words that there are texts enough of them.</summary>
/// <param name="Pool">The words, which differ by more than small and capital letters and have no blank in them.</param>
/// <param name="Words">How many of them a text has.</param>
internal sealed record NumberedWords(Utf8Pool Pool, int Words)
{
    private const long Enough = 100_000_000;
    private const int MostWords = 10;

    public long Count { get; } = (long)Math.Min(IIndexed.MostValues, Math.Pow(Pool.Count, Words));

    /// <summary>As few words as are enough, and as long ones as leave room for them.</summary>
    public static NumberedWords Of(Utf8Pool words, int least, int room)
    {
        List<string> all = [.. words.Values.Where(word => word.Length > 0 && !word.Contains(' ')).DistinctBy(word => word.ToUpperInvariant()).DefaultIfEmpty("a")];
        var possible =
            from count in Enumerable.Range(1, MostWords)
            let longest = ((Math.Min(room, 10_000) + 1) / count) - 1
            let fitting = all.Where(word => word.Length <= longest).ToList()
            where fitting.Count > 0
            select new NumberedWords(new Utf8Pool(fitting), count);
        var found = possible.ToList();
        return found.Find(choice => choice.Words >= least && choice.Count >= Enough)
            ?? found.MaxBy(choice => choice.Count)
            ?? new NumberedWords(new Utf8Pool([.. all.Select(word => Utf8Pool.Cut(word, Math.Max(room, 1))).Distinct()]), 1);
    }
}
