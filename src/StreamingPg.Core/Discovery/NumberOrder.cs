using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Keeps two numbers of a row apart of which, by their names, one is the least and the other the most: min_price, max_price.</summary>
internal static partial class NumberOrder
{
    private const long Most = 1000;

    /// <summary>Gives each of such two columns its half of the numbers, where nothing else says which they are.</summary>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="json">Its metadata, complete but for this.</param>
    public static void AddTo(LiveTable table, LiveColumn column, JsonObject json)
    {
        if (!IsFree(table, column) || json.ContainsKey("values") || json.ContainsKey("min") || json.ContainsKey("max") || json.ContainsKey("distribution"))
        {
            return;
        }

        var half = Math.Min(Most, Largest(column.Type!)) / 2;
        if (half > 1 && PartnerOf(table, column, Lower(), "$1max$2") is not null)
        {
            json["min"] = 0;
            json["max"] = half;
        }
        else if (half > 1 && PartnerOf(table, column, Upper(), "$1min$2") is not null)
        {
            json["min"] = half;
            json["max"] = 2 * half;
        }
    }

    private static LiveColumn? PartnerOf(LiveTable table, LiveColumn column, Regex word, string other) =>
        word.IsMatch(column.Name)
        && table.Find(word.Replace(column.Name, other)) is { } partner
        && IsFree(table, partner)
        && partner.Type == column.Type
            ? partner
            : null;

    private static bool IsFree(LiveTable table, LiveColumn column) =>
        column is { IsGenerated: false, HasSequence: false, Type: { UserType: null, IsNumber: true } }
        && !table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal))
        && !table.Indexes.Exists(index => index.IsUnique && index.Columns.Contains(column.Name, StringComparer.Ordinal))
        && !table.Checks.Exists(check => check.Expression.Contains(column.Name, StringComparison.Ordinal));

    private static long Largest(ColumnType type) => type is { Kind: ColumnKind.Decimal, Precision: { } precision }
        ? (long)Math.Pow(10, Math.Min(precision - (type.Scale ?? 0), 12)) - 1
        : Most;

    [GeneratedRegex("(?i)^(|.*_)min(|_.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Lower();

    [GeneratedRegex("(?i)^(|.*_)max(|_.*)$", RegexOptions.CultureInvariant)]
    private static partial Regex Upper();
}
