using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Several words, or a sentence made of them, as many as the column takes.</summary>
internal sealed class WordsColumn : ColumnGenerator
{
    private readonly CountedRandom _count;
    private readonly CountedRandom _words;
    private readonly Utf8Pool _pool;
    private readonly int _least;
    private readonly int _most;
    private readonly bool _isSentence;
    private readonly int _room;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="words">The words.</param>
    /// <param name="least">Fewest words.</param>
    /// <param name="most">Most words.</param>
    /// <param name="isSentence">True for a full stop at the end.</param>
    /// <param name="length">Most characters of the column; null means no limit.</param>
    public WordsColumn(CountedRandom random, Utf8Pool words, int least, int most, bool isSentence, int? length)
    {
        _count = random.Derive("count");
        _words = random.Derive("words");
        _isSentence = isSentence;
        (_least, _most) = (least, most);
        _room = (length ?? int.MaxValue) - (isSentence ? 1 : 0);
        _pool = words.Fit(_room);
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
