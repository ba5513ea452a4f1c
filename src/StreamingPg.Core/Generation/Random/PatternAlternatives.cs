using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

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
