using System.Globalization;
using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>How the text of an input is written.</summary>
internal sealed record InputForm
{
    /// <summary>Who wrote dates and numbers; null for ISO 8601 and numbers with a point.</summary>
    public CultureInfo? Culture { get; init; }

    /// <summary>The format of dates, in the letters of .NET; null for ISO 8601, or what the culture writes.</summary>
    public string? DateFormat { get; init; }

    /// <summary>True when empty text means no value, in columns of text too.</summary>
    public bool EmptyAsNull { get; init; }

    /// <summary>Reads text of the culture; null where there is nothing to read.</summary>
    internal CultureText? Text() => Culture is null && DateFormat is null ? null : new CultureText(Culture, DateFormat);

    /// <summary>The culture of a name.</summary>
    /// <exception cref="StreamingException">There is none, or this process has no data of cultures.</exception>
    public static CultureInfo FindCulture(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        try
        {
            var culture = CultureInfo.GetCultureInfo(name, predefinedOnly: true);
            return culture.Name.Length > 0 && HasData() ? culture : throw new CultureNotFoundException(name);
        }
        catch (CultureNotFoundException exception)
        {
            throw new StreamingException(
                ErrorIds.CultureUnknown,
                StreamingErrorKind.InvalidInput,
                HasData() ? $"There is no culture \"{name}\"." : $"The culture \"{name}\" cannot be used: this process has no culture data.",
                HasData() ? "Use a name such as de-DE." : "Install ICU (libicu), or use -DateFormat (--date-format) and numbers with a decimal point.",
                name,
                exception);
        }
    }

    /// <summary>Rejects a format that loses the year, the month or the day.</summary>
    /// <exception cref="StreamingException">It does.</exception>
    public void Check()
    {
        if (DateFormat is not null && !CultureText.KeepsDate(DateFormat, Culture))
        {
            throw new StreamingException(
                ErrorIds.DateFormatInvalid,
                StreamingErrorKind.InvalidInput,
                $"The date format \"{DateFormat}\" lacks year, month or day.",
                "Use a .NET format such as dd.MM.yyyy or \"yyyy/MM/dd HH:mm:ss\".",
                DateFormat);
        }
    }

    /// <summary>False where .NET runs without culture data.</summary>
    private static bool HasData()
    {
        try
        {
            return CultureInfo.GetCultureInfo("de-DE").NumberFormat.NumberDecimalSeparator == ",";
        }
        catch (CultureNotFoundException)
        {
            return false;
        }
    }
}

/// <summary>Encodings by the names that PowerShell, .NET and IANA give them; bytes that they cannot decode are errors.</summary>
internal static class InputEncoding
{
    public static Encoding Utf8 { get; } = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The encoding of a name or of the number of a code page.</summary>
    /// <exception cref="StreamingException">There is none.</exception>
    public static Encoding Find(string? name)
    {
        if (name is null)
        {
            return Utf8;
        }

        try
        {
            return name.Replace("-", "", StringComparison.Ordinal).ToUpperInvariant() switch
            {
                "UTF8" or "UTF8BOM" or "UTF8NOBOM" => Utf8,
                "UNICODE" or "UTF16" or "UTF16LE" => Strict("utf-16"),
                "BIGENDIANUNICODE" or "UTF16BE" => Strict("utf-16BE"),
                "UTF32" => Strict("utf-32"),
                "BIGENDIANUTF32" or "UTF32BE" => Strict("utf-32BE"),
                "ASCII" => Strict("us-ascii"),
                "LATIN1" => Strict("iso-8859-1"),
                _ => Strict(name),
            };
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            throw new StreamingException(
                ErrorIds.EncodingUnknown,
                StreamingErrorKind.InvalidInput,
                $"There is no encoding \"{name}\".",
                "Use a name such as utf-8, utf-16, iso-8859-1 or windows-1252, or the number of a code page.",
                name,
                exception);
        }
    }

    /// <summary>The encoding that the first bytes of a file name, and how many bytes that takes; null when they name none.</summary>
    public static (Encoding Encoding, int Length)? OfByteOrderMark(ReadOnlySpan<byte> start) => start switch
    {
        [0xEF, 0xBB, 0xBF, ..] => (Utf8, 3),
        [0xFF, 0xFE, 0, 0, ..] => (Strict("utf-32"), 4),
        [0, 0, 0xFE, 0xFF, ..] => (Strict("utf-32BE"), 4),
        [0xFF, 0xFE, ..] => (Strict("utf-16"), 2),
        [0xFE, 0xFF, ..] => (Strict("utf-16BE"), 2),
        _ => null,
    };

    private static Encoding Strict(string name)
    {
        var provider = CodePagesEncodingProvider.Instance;
        return int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var codePage)
            ? provider.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                ?? Encoding.GetEncoding(codePage, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
            : provider.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback)
                ?? Encoding.GetEncoding(name, EncoderFallback.ExceptionFallback, DecoderFallback.ExceptionFallback);
    }
}
