using StreamingPg.Core.Checks;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// Joins what pg_stats has of a column, its most common values and a histogram of the others, to one histogram whose buckets hold
/// the same number of values each. A value that alone is as frequent as a bucket becomes a bucket without width.
/// </summary>
internal static class Histogram
{
    private const int Buckets = 100;
    private const decimal Farthest = decimal.MaxValue / 4;

    /// <summary>The bounds of the buckets as metadata spells them; empty when a value has no place on a line.</summary>
    /// <param name="type">Type of the column.</param>
    /// <param name="common">The most common values and their frequencies.</param>
    /// <param name="bounds">Bounds of the server's histogram.</param>
    /// <param name="rest">Share of the values that the histogram is about.</param>
    public static IReadOnlyList<object> Join(
        ColumnType type, IReadOnlyList<(string Value, double Frequency)> common, IReadOnlyList<string> bounds, double rest)
    {
        var points = common.Select(value => (Place: Place(type, value.Value), value.Frequency)).ToList();
        var edges = bounds.Select(bound => Place(type, bound)).ToList();
        if (points.Exists(point => point.Place is null) || edges.Contains(null))
        {
            return []; // infinity, NaN and the like
        }

        var pieces = Pieces(
            [.. points.Select(point => (point.Place!.Value, point.Frequency)).Order()], [.. edges.Select(edge => edge!.Value)], rest);
        var total = pieces.Sum(piece => piece.Share);
        if (total <= 0)
        {
            return [];
        }

        List<object> spelled = [.. Enumerable.Range(0, Buckets + 1).Select(bucket => ValueLine.Spell(type, Quantile(pieces, total * bucket / Buckets)))];
        var scale = ValueScale.For(type);
        return spelled.TrueForAll(bound => scale?.Fits(bound) == true) ? spelled : []; // numbers larger than any that are generated
    }

    /// <summary>The place of a value; null for one so far away that distances cannot be told.</summary>
    private static decimal? Place(ColumnType type, string text) =>
        ValueLine.Place(type, text) is { } place && Math.Abs(place) < Farthest ? place : null;

    /// <summary>Stretches of the line with the share of values that lies in each, in order; a common value has no length.</summary>
    private static List<(decimal From, decimal To, double Share)> Pieces(
        List<(decimal Place, double Frequency)> points, List<decimal> edges, double rest)
    {
        var pieces = points.ConvertAll(point => (point.Place, point.Place, point.Frequency));
        for (var edge = 0; edge + 1 < edges.Count; edge++)
        {
            var (from, to) = (edges[edge], edges[edge + 1]);
            decimal[] cuts = [from, .. points.Select(point => point.Place).Where(place => place > from && place < to), to];
            for (var cut = 0; cut + 1 < cuts.Length; cut++)
            {
                var width = to > from ? (double)((cuts[cut + 1] - cuts[cut]) / (to - from)) : 1;
                pieces.Add((cuts[cut], cuts[cut + 1], rest / (edges.Count - 1) * width));
            }
        }

        pieces.Sort();
        return pieces;
    }

    private static decimal Quantile(List<(decimal From, decimal To, double Share)> pieces, double share)
    {
        foreach (var (from, to, own) in pieces)
        {
            if (share <= own)
            {
                return own > 0 ? from + ((to - from) * (decimal)(share / own)) : from;
            }

            share -= own;
        }

        return pieces[^1].To;
    }
}
