using System.Runtime.InteropServices;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>Numbers keys, given as bytes, in the order in which they are first seen.</summary>
internal sealed class KeyIndex
{
    private readonly List<byte> _bytes = [];
    private readonly List<int> _ends = [];
    private int[] _slots = new int[64];

    /// <summary>Number of a key; -1 when it was never added.</summary>
    public int Find(ReadOnlySpan<byte> key) => _slots[Slot(key)] - 1;

    /// <summary>Number of a key, which is added when it is new.</summary>
    public int Add(ReadOnlySpan<byte> key)
    {
        var slot = Slot(key);
        if (_slots[slot] == 0)
        {
            _bytes.AddRange(key);
            _ends.Add(_bytes.Count);
            _slots[slot] = _ends.Count;
            if (_ends.Count * 2 > _slots.Length)
            {
                Grow();
            }

            return _ends.Count - 1;
        }

        return _slots[slot] - 1;
    }

    /// <summary>Forgets all keys.</summary>
    public void Clear()
    {
        if (_slots.Length > 64 && _ends.Count * 16 < _slots.Length)
        {
            _slots = new int[64];
        }
        else
        {
            Array.Clear(_slots);
        }

        _bytes.Clear();
        _ends.Clear();
    }

    private ReadOnlySpan<byte> Key(int number)
    {
        var start = number == 0 ? 0 : _ends[number - 1];
        return CollectionsMarshal.AsSpan(_bytes)[start.._ends[number]];
    }

    private int Slot(ReadOnlySpan<byte> key)
    {
        var slot = Hash(key) & (_slots.Length - 1);
        while (_slots[slot] != 0 && !Key(_slots[slot] - 1).SequenceEqual(key))
        {
            slot = (slot + 1) & (_slots.Length - 1);
        }

        return slot;
    }

    private void Grow()
    {
        _slots = new int[_slots.Length * 2];
        for (var number = 0; number < _ends.Count; number++)
        {
            _slots[Slot(Key(number))] = number + 1;
        }
    }

    private static int Hash(ReadOnlySpan<byte> key)
    {
        // Eight bytes at a time; the high bits of a product know of all of them.
        var hash = 0xCBF29CE484222325 ^ (ulong)key.Length;
        for (; key.Length >= sizeof(ulong); key = key[sizeof(ulong)..])
        {
            hash = Mix(hash ^ MemoryMarshal.Read<ulong>(key));
        }

        foreach (var chunk in key)
        {
            hash = Mix(hash ^ chunk);
        }

        return (int)hash;
    }

    private static ulong Mix(ulong value)
    {
        value *= 0x9E3779B97F4A7C15;
        return value ^ (value >> 32);
    }
}
