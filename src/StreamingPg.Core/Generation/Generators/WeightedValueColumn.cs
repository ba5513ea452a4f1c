using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Values from a list with weights, encoded once.</summary>
internal sealed class WeightedValueColumn : ColumnGenerator, IIndexed
{
    private readonly CountedRandom _random;
    private readonly byte[][] _fields;
    private readonly AliasTable _choice;
    private readonly Lazy<byte[][]> _different;

    /// <exception cref="FormatException">A value does not fit the type; the message is the reason alone.</exception>
    public WeightedValueColumn(CountedRandom random, ColumnType type, IReadOnlyList<WeightedValue> values)
    {
        var possible = values.Where(value => value.Weight > 0).ToList();
        _random = random;
        _fields = [.. possible.Select(value => Encode(type, value.Value))];
        _different = new(() => [.. _fields.DistinctBy(Convert.ToHexString)]);
        _choice = new AliasTable([.. possible.Select(value => value.Weight)]);
    }

    public long Count => _different.Value.Length;

    public void WriteIndex(RowWriter writer, long index) => writer.WriteBytes(_different.Value[index]);

    public override void Write(RowWriter writer, long row) => writer.WriteBytes(_fields[_choice.Choose(_random.Bits(row))]);

    private static byte[] Encode(ColumnType type, object value)
    {
        try
        {
            return value is not "" || GeneratorRegistry.FamilyOf(type) == GeneratorFamily.Text
                ? FieldCodec.Encode(type, value)
                : throw new FormatException("it is empty");
        }
        catch (FormatException exception)
        {
            throw new FormatException($"{FieldCodec.Describe(value)} of \"values\" does not fit {type.ToSql()}: {exception.Message}", exception);
        }
    }
}
