using System.Collections;
using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

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
                    "RowsNotANumber",
                    StreamingErrorKind.InvalidInput,
                    $"The rows of \"{table}\" are \"{entry.Value}\", which is no whole number.",
                    "Write -Rows @{ products = 20; orders = 50 }.",
                    table);
            }

            counts[table] = count;
        }

        return counts;
    }
}
