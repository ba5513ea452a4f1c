using System.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

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
    /// <param name="length">Most characters of the column; null means no limit.</param>
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
                "ColumnTooShort",
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
