using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>
/// The combinations of parents that a chunk may use for a unique key over foreign keys, each of them once: pairs for a link table,
/// single parents for a one-to-one reference. They are numbered, and nothing is stored but those that are taken already.
/// </summary>
/// <remarks>
/// Combinations with a new parent cannot be taken. They are counted by their first new parent: before it only existing ones, after
/// it any. Combinations of existing parents come last.
/// </remarks>
internal sealed class ParentCombinations
{
    private const double MostCombinations = 1L << 62;

    private readonly ParentChoice[] _choices;
    private readonly IReadOnlyList<long> _taken;
    private readonly long[] _counts;

    /// <param name="choices">What there is to choose from, per foreign key.</param>
    /// <param name="taken">Combinations of existing parents that rows have already, in order, numbered with the last parent running
    /// fastest; null to use no combination of existing parents at all.</param>
    public ParentCombinations(IReadOnlyList<ParentChoice> choices, IReadOnlyList<long>? taken)
    {
        _choices = [.. choices];
        _taken = taken ?? [];
        _counts = new long[choices.Count + 1];
        for (var first = 0; first < choices.Count; first++)
        {
            var place = first;
            _counts[first] = Product(index => index < place ? Old(index) : index == place ? Fresh(index) : _choices[index].Count);
        }

        _counts[^1] = taken is null ? 0 : Product(index => _choices[index].Existing) - _taken.Count;
        Count = (long)Math.Min(MostCombinations, _counts.Sum(count => (double)count));
    }

    /// <summary>How many there are.</summary>
    public long Count { get; }

    /// <summary>Writes the parents of a combination.</summary>
    public void Get(long number, Span<long> parents)
    {
        var first = 0;
        while (number >= _counts[first])
        {
            number -= _counts[first++];
        }

        if (first == _choices.Length)
        {
            number = SkipTaken(number);
        }

        for (var index = _choices.Length - 1; index >= 0; index--)
        {
            var choice = _choices[index];
            var count = first == _choices.Length ? choice.Existing : index < first ? Old(index) : index == first ? Fresh(index) : choice.Count;
            (number, var place) = Math.DivRem(number, count);
            parents[index] = first == _choices.Length ? ~place
                : index < first && choice.IsOwn ? ~place
                : choice.At(place);
        }
    }

    /// <summary>Rows that only this chunk chooses from.</summary>
    private long Fresh(int index) => _choices[index].IsOwn ? _choices[index].New.Count : 0;

    private long Old(int index) => _choices[index].IsOwn ? _choices[index].Existing : _choices[index].Count;

    private long Product(Func<int, long> count)
    {
        double product = 1;
        for (var index = 0; index < _choices.Length; index++)
        {
            product *= count(index);
        }

        return (long)Math.Min(product, MostCombinations);
    }

    /// <summary>The number among all combinations of the given one among those that are not taken.</summary>
    private long SkipTaken(long number)
    {
        var (low, high) = (0, _taken.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = _taken[middle] - middle <= number ? (middle + 1, high) : (low, middle);
        }

        return number + low;
    }
}

/// <summary>The rows that a chunk may choose a parent from.</summary>
/// <param name="New">Rows of the batch.</param>
/// <param name="Existing">Number of rows that were there before.</param>
/// <param name="ExistingOfChunk">Those of them that a chunk keeps to when nothing but chance decides.</param>
/// <param name="IsOwn">True when no other chunk chooses from the new rows.</param>
internal readonly record struct ParentChoice(RowRange New, int Existing, RowRange ExistingOfChunk, bool IsOwn)
{
    /// <summary>Number of rows.</summary>
    public long Count => New.Count + Existing;

    /// <summary>Maximum rows that one batch chooses from among those that were there before: more would only cost time.</summary>
    public const int MaxExisting = 1000;

    // On average, where there is no lack of rows.
    private const double ReferencesEach = 4;

    /// <summary>
    /// The share of references that go to rows that were there before: the one requested. Where such rows are few, less: one row must
    /// not get half of all references because no other is old enough. All of them go there if there is no other choice, or if all
    /// were requested.
    /// </summary>
    /// <param name="asked">The share requested.</param>
    /// <param name="rows">Rows of the batch that refer, those of all chunks.</param>
    public double ExistingShare(double asked, long rows) =>
        Existing == 0 ? 0 : New.Count == 0 ? 1 : ExistingShare(asked, rows, Existing);

    /// <inheritdoc cref="ExistingShare(double, long)"/>
    public static double ExistingShare(double asked, long rows, int existing)
    {
        var enough = Math.Min(MaxExisting / 2.0, rows * asked / ReferencesEach);
        return asked >= 1 || existing >= enough ? asked : asked * existing / enough;
    }

    /// <summary>The reference of a row by its number, the new ones first.</summary>
    public long At(long index) => index < New.Count ? New.From + index : ~(index - New.Count);
}
