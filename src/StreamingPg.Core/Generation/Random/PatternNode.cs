using System.Text;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>A part of a pattern: makes text at random, or the text of a number.</summary>
internal abstract class PatternNode
{
    /// <summary>Fewest characters.</summary>
    public abstract long MinimumLength { get; }

    /// <summary>Most characters.</summary>
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
