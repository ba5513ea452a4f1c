using System.Globalization;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>How the text of an input is written.</summary>
public sealed record InputForm
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
                "CultureUnknown",
                StreamingErrorKind.InvalidInput,
                HasData() ? $"There is no culture \"{name}\"." : $"The culture \"{name}\" cannot be used: this process has no culture data.",
                HasData() ? "Give a name such as de-DE." : "Install ICU (libicu), or give the format of dates and write numbers with a point.",
                name,
                exception);
        }
    }

    /// <summary>Refuses a format that loses the year, the month or the day.</summary>
    /// <exception cref="StreamingException">It does.</exception>
    public void Check()
    {
        if (DateFormat is not null && !CultureText.KeepsDate(DateFormat, Culture))
        {
            throw new StreamingException(
                "DateFormatInvalid",
                StreamingErrorKind.InvalidInput,
                $"The date format \"{DateFormat}\" does not say year, month and day.",
                "Give one such as dd.MM.yyyy or \"yyyy/MM/dd HH:mm:ss\", in the letters of .NET.",
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
