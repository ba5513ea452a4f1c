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

    /// <summary>Most characters of a tag.</summary>
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
