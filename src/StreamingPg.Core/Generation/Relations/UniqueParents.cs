using System.Runtime.InteropServices;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Remembers which parents were used together.</summary>
internal sealed class UniqueParents
{
    private readonly int[] _keys;
    private readonly Func<long[], bool> _isOfChunk;
    private readonly long[] _combination;
    private readonly KeyIndex _taken = new();
    private readonly KeyIndex _used = new();

    /// <param name="keys">Which keys are unique together, by their places among those that are chosen together.</param>
    /// <param name="taken">The combinations that existing rows have, in the order of <paramref name="keys"/>.</param>
    /// <param name="isOfChunk">True for the combinations that the chunk may use.</param>
    public UniqueParents(IEnumerable<int> keys, IEnumerable<long[]> taken, Func<long[], bool> isOfChunk)
    {
        _keys = [.. keys];
        _isOfChunk = isOfChunk;
        _combination = new long[_keys.Length];
        foreach (var combination in taken)
        {
            _taken.Add(MemoryMarshal.AsBytes<long>(combination));
        }
    }

    /// <summary>True when a key is one of those that are unique together.</summary>
    public bool Contains(int key) => Array.IndexOf(_keys, key) >= 0;

    /// <summary>Forgets the combinations that were taken by new rows.</summary>
    public void Clear() => _used.Clear();

    /// <summary>True when the chunk may use the combination and no row has it; one with a missing parent is never taken.</summary>
    /// <param name="parents">The parents by all keys.</param>
    public bool IsFree(long[] parents) =>
        !IsComplete(parents) || (_isOfChunk(_combination) && _used.Find(MemoryMarshal.AsBytes<long>(_combination)) < 0
            && _taken.Find(MemoryMarshal.AsBytes<long>(_combination)) < 0);

    /// <summary>Takes a combination.</summary>
    public void Take(long[] parents)
    {
        if (IsComplete(parents))
        {
            _used.Add(MemoryMarshal.AsBytes<long>(_combination));
        }
    }

    private bool IsComplete(long[] parents)
    {
        for (var index = 0; index < _keys.Length; index++)
        {
            _combination[index] = parents[_keys[index]];
        }

        return !_combination.Contains(ParentPicker.None);
    }
}
