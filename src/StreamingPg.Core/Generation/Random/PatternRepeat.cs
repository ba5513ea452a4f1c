using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

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
