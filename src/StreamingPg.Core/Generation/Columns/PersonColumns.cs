using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>The person that a row is about: one draw, which all columns of the person share.</summary>
/// <param name="random">Random stream of the person.</param>
/// <param name="pools">Pools of the locale.</param>
internal sealed class PersonDraw(CountedRandom random, ValuePools pools)
{
    private const int OneOther = 50;

    private readonly CountedRandom _gender = random.Derive("gender");

    /// <summary>The pools that the names are from.</summary>
    public ValuePools Pools => pools;

    /// <summary>Which first and which last name a row has.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int First, int Last) Choose(long row)
    {
        var bits = random.Bits(row);
        return ((int)(((bits >> 32) * (ulong)pools.FirstNames.Count) >> 32), (int)(((bits & 0xFFFFFFFF) * (ulong)pools.LastNames.Count) >> 32));
    }

    /// <summary>The gender of a row: that of the first name, either where the name is for both; few rows have another.</summary>
    public Gender GenderOf(long row) => _gender.Below(row, OneOther) == 0 ? Gender.Other : Form(row);

    /// <summary>Female or male, as a form of address needs it.</summary>
    public Gender Form(long row) => pools.GendersOfFirstNames[Choose(row).First] is var gender and not Gender.Other ? gender
        : (_gender.Bits(row) & 1) == 0 ? Gender.Female : Gender.Male;
}

/// <summary>First and last name.</summary>
internal sealed class PersonNameColumn : ColumnGenerator, IIndexed
{
    private readonly PersonDraw _person;
    private readonly Utf8Pool _firstNames;
    private readonly Utf8Pool _lastNames;
    private readonly Lazy<(int[] First, int[] Last)> _different;

    /// <param name="person">The person.</param>
    /// <param name="length">Maximum characters of the column; null means no limit.</param>
    public PersonNameColumn(PersonDraw person, int? length)
    {
        _person = person;

        // Where two names and a blank do not go in, the first name alone does.
        var both = length is not < 3;
        _firstNames = person.Pools.FirstNames.Fit(both ? (length - 1) / 2 : length);
        _lastNames = person.Pools.LastNames.Fit(both ? (length - 1) / 2 : 0);
        _different = new Lazy<(int[], int[])>(Different);
    }

    /// <inheritdoc/>
    public long Count => (long)_different.Value.First.Length * _different.Value.Last.Length;

    /// <inheritdoc/>
    public void WriteIndex(RowWriter writer, long index)
    {
        var (first, last) = Math.DivRem(index, _different.Value.Last.Length);
        Write(writer, _different.Value.First[first], _different.Value.Last[last]);
    }

    public override void Write(RowWriter writer, long row)
    {
        var (first, last) = _person.Choose(row);
        Write(writer, first, last);
    }

    private void Write(RowWriter writer, int first, int last)
    {
        var start = writer.BeginField();
        writer.Append(_firstNames[first]);
        if (_lastNames[last].Length > 0)
        {
            writer.Append((byte)' ');
            writer.Append(_lastNames[last]);
        }

        writer.EndField(start);
    }

    /// <summary>Names that are not cut to the same text, case aside, and of which no two pairs look the same: first names have no blank.</summary>
    private (int[] First, int[] Last) Different() => (
        [.. Enumerable.Range(0, _firstNames.Count).Where(index => !_firstNames.Values[index].Contains(' ', StringComparison.Ordinal))
            .DistinctBy(index => _firstNames.Values[index], StringComparer.OrdinalIgnoreCase)],
        [.. Enumerable.Range(0, _lastNames.Count).DistinctBy(index => _lastNames.Values[index], StringComparer.OrdinalIgnoreCase)]);
}

/// <summary>The first name of a row's person.</summary>
internal sealed class FirstNameColumn(PersonDraw person, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _names = person.Pools.FirstNames.Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_names[person.Choose(row).First]);
}

/// <summary>The last name of a row's person.</summary>
internal sealed class LastNameColumn(PersonDraw person, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _names = person.Pools.LastNames.Fit(length);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_names[person.Choose(row).Last]);
}

/// <summary>The gender of a row's person.</summary>
internal sealed class GenderColumn(PersonDraw person, int? length) : ColumnGenerator
{
    /// <summary>The texts of a column that has room for them.</summary>
    public static readonly string[] Words = ["female", "male", "other"];

    /// <summary>The texts of a narrow column.</summary>
    public static readonly string[] Letters = ["f", "m", "x"];

    private readonly Utf8Pool _texts = new(length is null or >= 6 ? Words : Letters);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_texts[(int)person.GenderOf(row)]);
}

/// <summary>The form of address of a row's person.</summary>
internal sealed class PrefixColumn(CountedRandom random, PersonDraw person, int? length) : ColumnGenerator
{
    private readonly Utf8Pool _female = person.Pools.Of(PoolKind.FemalePrefix).Fit(length);
    private readonly Utf8Pool _male = person.Pools.Of(PoolKind.MalePrefix).Fit(length);

    public override void Write(RowWriter writer, long row)
    {
        var pool = person.Form(row) == Gender.Female ? _female : _male;
        writer.WriteBytes(pool[(int)random.Below(row, pool.Count)]);
    }
}
