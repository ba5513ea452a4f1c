namespace StreamingPg.Core.Generation.Random;

/// <summary>Chooses among weighted entries in the same time for any number of them, by 64 random bits.</summary>
/// <remarks>Walker's alias method as built by Vose: A linear algorithm for generating random numbers with a given distribution,
/// IEEE Transactions on Software Engineering 17 (1991).</remarks>
internal sealed class AliasTable
{
    private readonly ulong[] _own;
    private readonly int[] _other;

    /// <summary>Builds the table; the weights are 0 or more, and not all 0.</summary>
    public AliasTable(IReadOnlyList<double> weights)
    {
        var sum = weights.Sum();
        var scaled = weights.Select(weight => weight / sum * weights.Count).ToArray();
        _own = new ulong[weights.Count];
        _other = new int[weights.Count];
        var small = new Stack<int>(Enumerable.Range(0, scaled.Length).Where(index => scaled[index] < 1));
        var large = new Stack<int>(Enumerable.Range(0, scaled.Length).Where(index => scaled[index] >= 1));
        while (small.Count > 0 && large.Count > 0)
        {
            var (less, more) = (small.Pop(), large.Pop());
            _own[less] = (ulong)(scaled[less] * ulong.MaxValue);
            _other[less] = more;
            scaled[more] -= 1 - scaled[less];
            (scaled[more] < 1 ? small : large).Push(more);
        }

        // What is left differs from 1 by rounding only.
        foreach (var index in small.Concat(large))
        {
            (_own[index], _other[index]) = (ulong.MaxValue, index);
        }
    }

    /// <summary>The entry that random bits choose: the high part of a product is the place, the low part decides between the two
    /// entries that share it.</summary>
    public int Choose(ulong bits)
    {
        var place = (int)Math.BigMul(bits, (ulong)_own.Length, out var rest);
        return rest < _own[place] ? place : _other[place];
    }
}
