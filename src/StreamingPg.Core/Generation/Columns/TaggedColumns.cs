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

/// <summary>
/// E-mail addresses that belong to the row's name and are unique: the name, the batch and the row, as in
/// <c>ada.byron.1z.4@example.com</c>. The domains are reserved for examples (RFC 2606), so no mail can reach anyone.
/// </summary>
internal sealed class EmailColumn : ColumnGenerator
{
    private static readonly byte[][] Domains = [.. new[] { "@example.com", "@example.org", "@example.net" }.Select(Encoding.ASCII.GetBytes)];

    private readonly CountedRandom _random;
    private readonly IPersonNames _names;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;
    private readonly RowTag _tag;

    /// <param name="random">Random stream of the column.</param>
    /// <param name="names">What knows the row's name.</param>
    /// <param name="tag">What makes the address unique.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    public EmailColumn(CountedRandom random, IPersonNames names, RowTag tag, int? length)
    {
        _random = random;
        _names = names;
        _tag = tag;

        // Two letters of a name at least, and a dot after each.
        var fixedLength = _tag.MaximumLength + Domains[0].Length + 1;
        if (length < fixedLength + 3)
        {
            throw new StreamingException(
                ErrorIds.ColumnTooShort,
                StreamingErrorKind.InvalidMetadata,
                $"An e-mail column of {length} characters is too short for unique addresses.",
                $"Make it at least VARCHAR({fixedLength + 3}).");
        }

        var half = (length - fixedLength - 1) / 2;
        _firstNames = names.Pools.FirstNameSlugs.Fit(half);
        _lastNames = names.Pools.LastNameSlugs.Fit(half);
    }

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var (first, last) = _names.Choose(row);
        var start = writer.BeginField();
        writer.Append(_firstNames[first]);
        writer.Append((byte)'.');
        writer.Append(_lastNames[last]);
        writer.Append((byte)'.');
        _tag.Append(writer, row);
        writer.Append(Domains[_random.Below(row, Domains.Length)]);
        writer.EndField(start);
    }
}

/// <summary>User names that belong to the row's name and are unique, as in <c>ada.1z.4</c>.</summary>
internal sealed class UserNameColumn : ColumnGenerator
{
    private readonly IPersonNames _names;
    private readonly Utf8Pool _firstNames;
    private readonly RowTag _tag;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public UserNameColumn(IPersonNames names, RowTag tag, int? length)
    {
        _names = names;
        _tag = tag;
        var room = length - _tag.MaximumLength - 1;
        _firstNames = room is < 1
            ? throw new FormatException($"unique user names have up to {_tag.MaximumLength + 2} characters, but the column takes only {length}")
            : names.Pools.FirstNameSlugs.Fit(room);
    }

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.BeginField();
        writer.Append(_firstNames[_names.Choose(row).First]);
        writer.Append((byte)'.');
        _tag.Append(writer, row);
        writer.EndField(start);
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
