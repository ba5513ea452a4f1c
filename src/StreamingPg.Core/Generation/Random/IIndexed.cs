using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Random;

/// <summary>A column whose different values can be counted and numbered, so that none of them need be taken twice.</summary>
internal interface IIndexed
{
    /// <summary>Maximum values that are numbered; more are as good as without end.</summary>
    public const long MostValues = 1L << 62;

    /// <summary>Number of different values, at most <see cref="MostValues"/>.</summary>
    long Count { get; }

    /// <summary>Writes the value of a number from 0 to <see cref="Count"/> - 1; two numbers never have the same value.</summary>
    void WriteIndex(RowWriter writer, long index);

    /// <summary>Writes the value of a number in a row, of which the value may tell something, such as its country.</summary>
    void WriteIndex(RowWriter writer, long index, long row) => WriteIndex(writer, index);
}
