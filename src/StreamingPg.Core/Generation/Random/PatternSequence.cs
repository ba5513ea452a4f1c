using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>Parts one after the other; none of them is the empty text.</summary>
internal sealed class PatternSequence(IReadOnlyList<PatternNode> parts) : PatternNode
{
    // An array: an enumerator of a list is made anew for every row.
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
