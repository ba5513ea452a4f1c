using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>
/// E-mail addresses that belong to the row's name and are unique: the name, the batch and the row, as in
/// <c>ada.byron.1z.4@example.com</c>. The domains are reserved for examples (RFC 2606), so no mail can reach anyone.
/// </summary>
internal sealed class EmailColumn : ColumnGenerator
{
    private const int MaxRowDigits = 7;
    private static readonly byte[][] Domains = [.. new[] { "@example.com", "@example.org", "@example.net" }.Select(Encoding.ASCII.GetBytes)];

    private readonly CountedRandom _random;
    private readonly PersonNameColumn _names;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;
    private readonly byte[] _batch;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="names">The column that has the row's name.</param>
    /// <param name="pools">Pools of the locale.</param>
    /// <param name="plan">The batch.</param>
    /// <param name="length">Most characters of the column; null means no limit.</param>
    public EmailColumn(CountedRandom random, PersonNameColumn names, ValuePools pools, BatchPlan plan, int? length)
    {
        _random = random;
        _names = names;

        // Batch numbers are unique in a schema and have no leading zero; rows without a batch get a tag that begins with one.
        var tag = plan.BatchNumber > 0
            ? ToBase36((ulong)plan.BatchNumber)
            : "0" + ToBase36(CountedRandom.FromSeed(plan.Seed).Derive("email").Bits(0) >> 16);
        _batch = Encoding.ASCII.GetBytes($".{tag}.");
        var fixedLength = _batch.Length + MaxRowDigits + Domains[0].Length;
        if (length < fixedLength + 3)
        {
            throw new StreamingException(
                "ColumnTooShort",
                StreamingErrorKind.InvalidMetadata,
                $"An e-mail column of {length} characters is too short for unique addresses.",
                $"Make it at least VARCHAR({fixedLength + 3}).");
        }

        var half = (length - fixedLength - 1) / 2;
        _firstNames = pools.FirstNameSlugs.Fit(half);
        _lastNames = pools.LastNameSlugs.Fit(half);
    }

    public override void Write(RowWriter writer, long row)
    {
        var (first, last) = _names.Choose(row);
        var start = writer.BeginField();
        writer.Append(_firstNames[first]);
        writer.Append((byte)'.');
        writer.Append(_lastNames[last]);
        writer.Append(_batch);
        AppendBase36(writer, (ulong)row);
        writer.Append(Domains[_random.Below(row, Domains.Length)]);
        writer.EndField(start);
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
