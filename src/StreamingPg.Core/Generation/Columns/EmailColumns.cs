using System.Buffers.Text;
using System.Text;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The part of an address, or a user name, that a person's name and a <see cref="RowSuffix"/> make: <c>ada.byron</c>, <c>abyron7</c>.</summary>
internal sealed class NameText
{
    /// <summary>How the names are put together, as a power of two.</summary>
    public const int StyleBits = 2;

    // Slugs have no digits and no other characters, so that what is written can be told apart: which of these, and which number.
    private static readonly byte[] Separators = "._-"u8.ToArray();

    private readonly PersonDraw _person;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;

    /// <param name="person">The person.</param>
    /// <param name="room">Maximum characters of both names together; null means no limit.</param>
    public NameText(PersonDraw person, int? room)
    {
        _person = person;
        var first = room / 2;
        _firstNames = person.Pools.FirstNameSlugs.Fit(first);
        _lastNames = person.Pools.LastNameSlugs.Fit(room - first);
    }

    /// <summary>Appends the names and the number to the field in hand.</summary>
    public void Append(RowWriter writer, long row, int style, long number, bool hasDot)
    {
        var (first, last) = _person.Choose(row);
        if (style < Separators.Length)
        {
            writer.Append(_firstNames[first]);
            writer.Append(Separators[style]);
        }
        else
        {
            writer.Append(_firstNames[first][..1]);
        }

        writer.Append(_lastNames[last]);
        if (number > 0)
        {
            if (hasDot)
            {
                writer.Append((byte)'.');
            }

            Span<byte> digits = stackalloc byte[20];
            Utf8Formatter.TryFormat(number, digits, out var length);
            writer.Append(digits[..length]);
        }
    }
}

/// <summary>
/// E-mail addresses that belong to the row's name and are unique: <c>ada.byron@example.com</c>, <c>abyron38@inbox.example</c>. All domains are
/// reserved (RFC 2606), so no mail can reach anyone.
/// </summary>
internal sealed class EmailColumn : ColumnGenerator
{
    private const int DomainBits = 6;

    private static readonly byte[][] Domains =
    [
        .. new[] { "@example.com", "@example.org", "@example.net" }.Concat(
            "mail post inbox web home live fast sky sun blue city one pro hey fox owl bee elm oak pine lake rain snow star moon wave wind fire leaf tree bird fish bear wolf lion hawk crow dove swan hill peak dale glen ford port gate park road yard isle cove bay reef sand rock iron gold ruby jade opal net"
                .Split(' ').Select(name => $"@{name}.example")).Select(Encoding.ASCII.GetBytes),
    ];

    private readonly NameText _names;
    private readonly RowSuffix _suffix;
    private readonly CompanyDraw? _company;
    private readonly Utf8Pool? _companyDomains;

    /// <param name="person">The person.</param>
    /// <param name="company">The company whose address the person has; null for a provider's.</param>
    /// <param name="suffix">Makes the suffix of variants, with the number of bits that they need.</param>
    /// <param name="rows">Rows of the table in the batch.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    public EmailColumn(PersonDraw person, CompanyDraw? company, Func<int, RowSuffix> suffix, long rows, int? length)
    {
        _company = company;
        _companyDomains = company?.Domains;
        _suffix = suffix(company is null ? NameText.StyleBits + DomainBits : NameText.StyleBits);

        // Two letters of a name at least, what separates them, and a dot before the number.
        var domain = _companyDomains?.Values.Max(name => name.Length + 1) ?? Domains.Max(name => name.Length);
        var fixedLength = domain + _suffix.MaximumDigits(rows) + (_suffix.HasDot ? 2 : 1);
        if (length < fixedLength + 2)
        {
            throw new StreamingException(
                ErrorIds.ColumnTooShort,
                StreamingErrorKind.InvalidMetadata,
                $"An e-mail column of {length} characters is too short for unique addresses.",
                $"Make it at least VARCHAR({fixedLength + 2}).");
        }

        _names = new NameText(person, length - fixedLength);
    }

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var (variant, number) = _suffix.Of(row);
        var start = writer.BeginField();
        _names.Append(writer, row, variant & ((1 << NameText.StyleBits) - 1), number, _suffix.HasDot);
        if (_companyDomains is not null)
        {
            writer.Append((byte)'@');
            writer.Append(_companyDomains[_company!.At(row)]);
        }
        else
        {
            writer.Append(Domains[variant >> NameText.StyleBits]);
        }

        writer.EndField(start);
    }
}

/// <summary>User names that belong to the row's name and are unique: <c>ada.byron</c>, <c>abyron38</c>.</summary>
internal sealed class UserNameColumn : ColumnGenerator
{
    private readonly NameText _names;
    private readonly RowSuffix _suffix;

    /// <exception cref="FormatException">The column is too short; the message is the reason alone.</exception>
    public UserNameColumn(PersonDraw person, Func<int, RowSuffix> suffix, long rows, int? length)
    {
        _suffix = suffix(NameText.StyleBits);
        var fixedLength = _suffix.MaximumDigits(rows) + (_suffix.HasDot ? 2 : 1);
        _names = length < fixedLength + 2
            ? throw new FormatException($"unique user names have up to {fixedLength + 2} characters, but the column takes only {length}")
            : new NameText(person, length - fixedLength);
    }

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row)
    {
        var (style, number) = _suffix.Of(row);
        var start = writer.BeginField();
        _names.Append(writer, row, style, number, _suffix.HasDot);
        writer.EndField(start);
    }
}
