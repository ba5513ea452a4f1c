namespace StreamingPg.Core.Generation.Random;

/// <summary>Deals children out evenly to parents of which each has room for so many more.</summary>
internal sealed class RoomyPartition : Partition
{
    private readonly long[] _firstChild;

    /// <param name="random">Random stream of the key.</param>
    /// <param name="rooms">How many children each parent has room for.</param>
    /// <param name="children">Number of children, as many as there is room for at most.</param>
    public RoomyPartition(CountedRandom random, IReadOnlyList<long> rooms, long children)
        : base(random, rooms.Count, children)
    {
        var level = LevelFor(rooms, children);
        var left = children - rooms.Sum(room => Math.Min(room, level - 1));
        _firstChild = new long[rooms.Count + 1];
        for (var parent = 0; parent < rooms.Count; parent++)
        {
            var own = Math.Min(rooms[parent], level - 1);
            if (left > 0 && rooms[parent] >= level)
            {
                own++;
                left--;
            }

            LeavesNoneOut &= own > 0;
            _firstChild[parent + 1] = _firstChild[parent] + own;
        }
    }

    /// <inheritdoc/>
    public override bool LeavesNoneOut { get; } = true;

    private protected override long FirstGuess(long child)
    {
        // Several parents may begin with the same child, where those before it have none: the last of them has it.
        var (low, high) = (0, _firstChild.Length - 1);
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = _firstChild[middle] <= child ? (middle, high) : (low, middle - 1);
        }

        return Math.Min(low, Parents - 1);
    }

    private protected override long Boundary(long parent) => _firstChild[Math.Clamp(parent, 0, Parents)];

    /// <summary>The lowest number of children that, given to each parent that has room for it, is enough for all children.</summary>
    private static long LevelFor(IReadOnlyList<long> rooms, long children)
    {
        long low = 1, high = Math.Max(1, children);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = rooms.Sum(room => (decimal)Math.Min(room, middle)) >= children ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
