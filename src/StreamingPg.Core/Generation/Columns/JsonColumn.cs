using System.Buffers.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Small JSON objects: a word, a number and a truth value.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="words">Words, each as JSON text in its quotes.</param>
/// <param name="isBinary">True for jsonb, which has a version before the text.</param>
internal sealed class JsonColumn(CountedRandom random, Utf8Pool words, bool isBinary) : ColumnGenerator
{
    private const byte JsonbVersion = 1;
    private readonly CountedRandom _numbers = random.Derive("number");

    public override void Write(RowWriter writer, long row)
    {
        var bits = _numbers.Bits(row);
        Span<byte> digits = stackalloc byte[8];
        Utf8Formatter.TryFormat((int)CountedRandom.Scale(bits, 1000), digits, out var length);

        var start = writer.BeginField();
        if (isBinary)
        {
            writer.Append(JsonbVersion);
        }

        writer.Append("{\"tag\": "u8);
        writer.Append(words[(int)random.Below(row, words.Count)]);
        writer.Append(", \"score\": "u8);
        writer.Append(digits[..length]);
        writer.Append(", \"active\": "u8);
        writer.Append((bits & 1) == 0 ? "true}"u8 : "false}"u8);
        writer.EndField(start);
    }
}
