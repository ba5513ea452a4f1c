using System.Globalization;
using System.Text;

namespace StreamingPg.Core.Loading.Import;

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
                "EncodingUnknown",
                StreamingErrorKind.InvalidInput,
                $"There is no encoding \"{name}\".",
                "Give a name such as utf-8, utf-16, iso-8859-1 or windows-1252, or the number of a code page.",
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
