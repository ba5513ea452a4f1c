using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>A part of a pattern: makes text at random, or the text of a number.</summary>
internal abstract class PatternNode
{
    /// <summary>Fewest characters.</summary>
    public abstract long MinimumLength { get; }

    /// <summary>Maximum characters.</summary>
    public abstract long MaximumLength { get; }

    /// <summary>Number of ways to make a text, at most <see cref="IIndexed.MostValues"/>.</summary>
    public abstract long Count { get; }

    /// <summary>The characters that a text may begin with.</summary>
    public abstract IEnumerable<Rune> First { get; }

    /// <summary>Appends a text to the field in hand.</summary>
    public abstract void Append(RowWriter writer, ref PatternDraws draws);

    /// <summary>Appends the text of a number to the field in hand.</summary>
    public abstract void Append(RowWriter writer, long index);

    /// <summary>True when each text can be made in one way only, whatever <paramref name="follow"/> begins the text after it: at each
    /// choice the next character tells which way it is.</summary>
    public abstract bool IsUnambiguous(IReadOnlySet<Rune> follow);

    /// <summary>A product that stops at <see cref="IIndexed.MostValues"/>.</summary>
    protected static long Multiply(long left, long right) =>
        (long)Int128.Min((Int128)left * right, IIndexed.MostValues);

    /// <summary>A sum that stops at <see cref="IIndexed.MostValues"/>.</summary>
    protected static long Add(long left, long right) => Math.Min(left + right, IIndexed.MostValues);
}

/// <summary>One of several parts, each as likely as another.</summary>
internal sealed class PatternAlternatives(IReadOnlyList<PatternNode> parts) : PatternNode
{
    public override long MinimumLength { get; } = parts.Min(part => part.MinimumLength);

    public override long MaximumLength { get; } = parts.Max(part => part.MaximumLength);

    public override long Count { get; } = parts.Aggregate(0L, (count, part) => Add(count, part.Count));

    public override IEnumerable<Rune> First => parts.SelectMany(part => part.First);

    public override void Append(RowWriter writer, ref PatternDraws draws) =>
        parts[(int)draws.Below(parts.Count)].Append(writer, ref draws);

    public override void Append(RowWriter writer, long index)
    {
        var part = 0;
        while (part < parts.Count - 1 && index >= parts[part].Count)
        {
            index -= parts[part++].Count;
        }

        parts[part].Append(writer, index);
    }

    public override bool IsUnambiguous(IReadOnlySet<Rune> follow)
    {
        // One that can be empty is told by what follows.
        var seen = parts.Any(part => part.MinimumLength == 0) ? follow.ToHashSet() : [];
        return parts.Count(part => part.MinimumLength == 0) <= 1
            && parts.All(part => part.First.Distinct().All(seen.Add) && part.IsUnambiguous(follow));
    }
}

/// <summary>One character out of a set.</summary>
internal sealed class PatternCharacters : PatternNode
{
    private readonly Rune[] _characters;
    private readonly Utf8Pool _bytes;

    private readonly bool _ignoreCase;

    /// <summary>A set of at least one character; where case is ignored, the small one of two is taken.</summary>
    public PatternCharacters(IEnumerable<Rune> characters, bool ignoreCase)
    {
        _ignoreCase = ignoreCase;
        _characters = [.. (ignoreCase ? characters.OrderDescending().DistinctBy(Rune.ToLowerInvariant) : characters.Distinct()).Order()];
        _bytes = new Utf8Pool([.. _characters.Select(character => character.ToString())]);
    }

    public override long MinimumLength => 1;

    public override long MaximumLength => 1;

    public override long Count => _characters.Length;

    public override IEnumerable<Rune> First => _ignoreCase ? _characters.Select(Rune.ToLowerInvariant) : _characters;

    public override void Append(RowWriter writer, ref PatternDraws draws) =>
        Append(writer, _characters.Length == 1 ? 0 : draws.Below(_characters.Length));

    public override void Append(RowWriter writer, long index) => writer.Append(_bytes[(int)(index % _characters.Length)]);

    public override bool IsUnambiguous(IReadOnlySet<Rune> follow) => true;
}

/// <summary>A part several times, each number of times as likely as another.</summary>
internal sealed class PatternRepeat : PatternNode
{
    private readonly PatternNode _part;
    private readonly int _least;
    private readonly long[] _counts;

    public PatternRepeat(PatternNode part, int least, int most)
    {
        _part = part;
        _least = least;
        MinimumLength = least * part.MinimumLength;
        MaximumLength = most * part.MaximumLength;

        // How many texts there are of each number of times.
        _counts = new long[most - least + 1];
        var count = 1L;
        for (var times = 0; times <= most; times++)
        {
            if (times >= least)
            {
                _counts[times - least] = count;
            }

            count = Multiply(count, part.Count);
        }

        Count = _counts.Aggregate(0L, Add);
    }

    public override long MinimumLength { get; }

    public override long MaximumLength { get; }

    public override long Count { get; }

    public override IEnumerable<Rune> First => MaximumLength == 0 ? [] : _part.First;

    public override void Append(RowWriter writer, ref PatternDraws draws)
    {
        var times = _least + (_counts.Length == 1 ? 0 : draws.Below(_counts.Length));
        for (; times > 0; times--)
        {
            _part.Append(writer, ref draws);
        }
    }

    public override void Append(RowWriter writer, long index)
    {
        var more = 0;
        while (more < _counts.Length - 1 && index >= _counts[more])
        {
            index -= _counts[more++];
        }

        for (var times = _least + more; times > 0; times--)
        {
            (index, var own) = Math.DivRem(index, _part.Count);
            _part.Append(writer, own);
        }
    }

    public override bool IsUnambiguous(IReadOnlySet<Rune> follow)
    {
        if (MaximumLength == 0)
        {
            return true;
        }

        if (_part.MinimumLength == 0)
        {
            return _counts.Length == 1 && _least == 1 && _part.IsUnambiguous(follow);
        }

        var again = _part.First.ToHashSet();
        var goesOn = _least + _counts.Length > 2;
        return (_counts.Length == 1 || !again.Overlaps(follow))
            && _part.IsUnambiguous(goesOn ? again.Union(follow).ToHashSet() : follow);
    }
}

/// <summary>Parts one after the other; none of them is the empty text.</summary>
internal sealed class PatternSequence(IReadOnlyList<PatternNode> parts) : PatternNode
{
    // An array: an enumerator of a list is created again for every row.
    private readonly PatternNode[] _parts = [.. parts];

    public override long MinimumLength { get; } = parts.Sum(part => part.MinimumLength);

    public override long MaximumLength { get; } = parts.Sum(part => part.MaximumLength);

    public override long Count { get; } = parts.Aggregate(1L, (count, part) => Multiply(count, part.Count));

    public override IEnumerable<Rune> First => FirstFrom(0);

    public override void Append(RowWriter writer, ref PatternDraws draws)
    {
        foreach (var part in _parts)
        {
            part.Append(writer, ref draws);
        }
    }

    public override void Append(RowWriter writer, long index)
    {
        foreach (var part in _parts)
        {
            (index, var own) = Math.DivRem(index, part.Count);
            part.Append(writer, own);
        }
    }

    public override bool IsUnambiguous(IReadOnlySet<Rune> follow)
    {
        for (var index = 0; index < parts.Count; index++)
        {
            var next = FirstFrom(index + 1).ToHashSet();
            if (parts.Skip(index + 1).All(part => part.MinimumLength == 0))
            {
                next.UnionWith(follow);
            }

            if (!parts[index].IsUnambiguous(next))
            {
                return false;
            }
        }

        return true;
    }

    private IEnumerable<Rune> FirstFrom(int index)
    {
        for (; index < parts.Count; index++)
        {
            foreach (var character in parts[index].First)
            {
                yield return character;
            }

            if (parts[index].MinimumLength > 0)
            {
                yield break;
            }
        }
    }
}

/// <summary>The choices that one row makes along a pattern: each has random bits of its own.</summary>
internal ref struct PatternDraws(CountedRandom random, long row)
{
    private long _choice;

    /// <summary>A number from 0 to <paramref name="count"/> - 1.</summary>
    public long Below(long count) => random.Derive(_choice++).Below(row, count);
}
