using System.Globalization;
using Npgsql;

namespace StreamingPg.Core.Analytics;

/// <summary>
/// Reads the figures of a row, which come as text: NaN, infinity and numbers that are larger than any decimal are left out and named,
/// so that one bad row never hides all results.
/// </summary>
internal sealed class Figures(NpgsqlDataReader row)
{
    private readonly List<string> _remarks = [];

    /// <summary>What was left out; null if nothing was.</summary>
    public string? Remark => _remarks.Count == 0 ? null : string.Join("; ", _remarks);

    /// <summary>A number; null if it is NULL or was left out.</summary>
    public decimal? Read(int ordinal, string name)
    {
        if (row.IsDBNull(ordinal))
        {
            return null;
        }

        var text = row.GetString(ordinal);
        if (decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number))
        {
            return number;
        }

        _remarks.Add($"{name} is {text}");
        return null;
    }
}
