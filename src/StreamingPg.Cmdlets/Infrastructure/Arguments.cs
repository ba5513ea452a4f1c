using System.Collections;
using System.Management.Automation;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// Reads a duration as the whole product does, and refuses a number without a unit, which PowerShell would take for ticks or days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or TimeSpan)
        {
            return value!;
        }

        // 30d and 90s without quotes are numbers to PowerShell (a decimal, a short), wrapped with the text that was typed.
        var text = LanguagePrimitives.ConvertTo<string>(inputData);
        return DurationText.Parse(text) ?? throw Refusal(text);
    }

    private static ArgumentTransformationMetadataException Refusal(string text) =>
        new($"{DurationText.Problem(text)} Use a duration {DurationText.Examples}, or a TimeSpan.");
}

/// <summary>
/// Reads a time as the whole product does, into UTC: text is ISO 8601, and a time without a zone is local. PowerShell itself would read
/// text month first, and a number as ticks.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InstantAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var instant = value switch
        {
            null => null,
            DateTime time => InstantText.ToUtc(time),
            DateTimeOffset time => time.UtcDateTime,
            DateOnly date => InstantText.ToUtc(date.ToDateTime(TimeOnly.MinValue)),
            string text => InstantText.Parse(text),
            _ => null,
        };
        return value is null || instant is not null
            ? instant!
            : throw new ArgumentTransformationMetadataException(
                $"'{LanguagePrimitives.ConvertTo<string>(inputData)}' is not a time {InstantText.Examples}; a DateTime is taken as it is.");
    }
}

/// <summary>Takes a list of names where one text has them all, separated by commas: -Schema sales, people.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NameListAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData) =>
        (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is object[] names
            ? string.Join(',', names.Select(LanguagePrimitives.ConvertTo<string>))
            : inputData;
}

/// <summary>Takes the name of a connection of this session in place of its handle.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ConnectionNameAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        try
        {
            return (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is string name
                ? RunspaceConnections.OfThisRunspace().Named(name)
                : inputData;
        }
        catch (StreamingException error)
        {
            throw new ArgumentTransformationMetadataException(error.Message, error);
        }
    }
}

/// <summary>
/// Takes metadata as people have it: the path of a file, the text of the document, a hash table, or an object that ConvertFrom-Json made.
/// What it gives is a path, or the text.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class MetadataDocumentAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : inputData;
        return value switch
        {
            null or string => inputData!,
            IDictionary => PlainDocument.ToJson(value),
            PSObject made when PlainDocument.HasTables(made) => PlainDocument.ToJson(made),
            FileSystemInfo file => file.FullName,

            // PowerShell would take the text of anything for a path, such as that of a batch of the ledger that is piped to be resumed.
            // It takes no list for a text, and binds the properties of what is piped instead.
            _ => new[] { inputData },
        };
    }
}

/// <summary>Reads -Rows @{ table = count }.</summary>
internal static class RowCounts
{
    /// <exception cref="StreamingException">A count is no whole number.</exception>
    public static IReadOnlyDictionary<string, long> Of(IDictionary rows)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in rows)
        {
            var table = $"{entry.Key}";
            if (!LanguagePrimitives.TryConvertTo<long>(entry.Value, out var count) || entry.Value is null)
            {
                throw new StreamingException(
                    ErrorIds.RowsNotANumber,
                    StreamingErrorKind.InvalidInput,
                    $"The rows of \"{table}\" are \"{entry.Value}\", which is not a whole number.",
                    "Write -Rows @{ products = 20; orders = 50 }.",
                    table);
            }

            counts[table] = count;
        }

        return counts;
    }
}

/// <summary>Reads -DateFactor @{ '12-25' = 0.2 }.</summary>
internal static class DateFactors
{
    /// <exception cref="StreamingException">A factor is no number.</exception>
    public static IReadOnlyDictionary<string, double> Of(IDictionary dates) => dates.Cast<DictionaryEntry>().ToDictionary(
        entry => $"{entry.Key}",
        entry => entry.Value is not null && LanguagePrimitives.TryConvertTo<double>(entry.Value, out var factor)
            ? factor
            : throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"The factor of {entry.Key} is \"{entry.Value}\", which is not a number.",
                "Write -DateFactor @{ '2026-11-27' = 4; '12-25' = 0.2 }.",
                entry.Key),
        StringComparer.Ordinal);
}
