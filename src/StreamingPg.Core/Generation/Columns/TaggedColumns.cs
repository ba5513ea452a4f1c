using System.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>A short text that no other row of the table has: the batch and the row, as in <c>1z.4</c>.</summary>
internal sealed class RowTag
{
    private const int MaxRowDigits = 7;

    private readonly byte[] _batch;

    /// <param name="batchNumber">Number of the batch; 0 for rows that belong to none.</param>
    /// <param name="seed">The seed, which tells rows of no batch apart.</param>
    public RowTag(long batchNumber, long seed)
    {
        // Batch numbers are unique in a schema and have no leading zero; rows without a batch get a tag that begins with one.
        var tag = batchNumber > 0
            ? ToBase36((ulong)batchNumber)
            : "0" + ToBase36(CountedRandom.FromSeed(seed).Derive("email").Bits(0) >> 16);
        _batch = Encoding.ASCII.GetBytes($"{tag}.");
    }

    /// <summary>Maximum characters of a tag.</summary>
    public int MaximumLength => _batch.Length + MaxRowDigits;

    /// <summary>Appends the tag of a row to the field in hand.</summary>
    public void Append(RowWriter writer, long row)
    {
        writer.Append(_batch);
        AppendBase36(writer, (ulong)row);
    }

    private static void AppendBase36(RowWriter writer, ulong value)
    {
        Span<byte> digits = stackalloc byte[13];
        var first = digits.Length;
        do
        {
            var (quotient, digit) = Math.DivRem(value, 36);
            digits[--first] = (byte)(digit < 10 ? '0' + digit : 'a' + digit - 10);
            value = quotient;
        }
        while (value > 0);
        writer.Append(digits[first..]);
    }

    private static string ToBase36(ulong value)
    {
        using var block = new RowBlock(16);
        var writer = new RowWriter(block);
        AppendBase36(writer, value);
        return Encoding.ASCII.GetString(block.Buffer, 0, writer.Position);
    }
}

/// <summary>Unique addresses of pages below example.com (RFC 2606), as in <c>https://example.com/lorem/1z.4</c>.</summary>
internal sealed class UrlColumn : ColumnGenerator
{
    private readonly CountedRandom _random;
    private readonly Utf8Pool _words;
    private readonly RowTag _tag;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public UrlColumn(CountedRandom random, Utf8Pool words, RowTag tag, int? length)
    {
        _random = random;
        _tag = tag;
        var room = length - _tag.MaximumLength - Site.Length - 1;
        _words = room is < 1
            ? throw new FormatException($"unique URLs have up to {_tag.MaximumLength + Site.Length + 2} characters, but the column takes only {length}")
            : words.Fit(room);
    }

    private static ReadOnlySpan<byte> Site => "https://example.com/"u8;

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        writer.Append(Site);
        writer.Append(_words[(int)_random.Below(row, _words.Count)]);
        writer.Append((byte)'/');
        _tag.Append(writer, row);
        writer.EndField(start);
    }
}
