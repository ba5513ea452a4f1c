using System.Buffers.Binary;
using Parquet;
using Parquet.Schema;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>The values of a column in a row group of a Parquet file.</summary>
/// <remarks>
/// Types: https://github.com/apache/parquet-format/blob/master/LogicalTypes.md. What Parquet has no type for, such as intervals, addresses,
/// lists and numerics without a precision, is text as in CSV.
/// </remarks>
internal abstract class ParquetColumn(DataField dataField)
{
    // What a decimal of .NET holds, whatever its digits.
    private const int MostPrecision = 28;

    /// <summary>Reads a field.</summary>
    protected delegate T Read<out T>(ReadOnlySpan<byte> field);

    /// <summary>The column in the schema of the file.</summary>
    public DataField Field => dataField;

    /// <summary>The column of a table's column.</summary>
    public static ParquetColumn Of(TableModel table, ColumnModel column)
    {
        var (name, type) = (column.Name, column.Type);
        return type.Kind switch
        {
            ColumnKind.SmallInteger or ColumnKind.SmallSerial => Values(name, BinaryPrimitives.ReadInt16BigEndian),
            ColumnKind.Integer or ColumnKind.Serial => Values(name, BinaryPrimitives.ReadInt32BigEndian),
            ColumnKind.BigInteger or ColumnKind.BigSerial => Values(name, BinaryPrimitives.ReadInt64BigEndian),
            ColumnKind.Real => Values(name, BinaryPrimitives.ReadSingleBigEndian),
            ColumnKind.DoublePrecision => Values(name, BinaryPrimitives.ReadDoubleBigEndian),
            ColumnKind.Boolean => Values(name, bytes => bytes[0] != 0),
            ColumnKind.Uuid => Values(name, bytes => new Guid(bytes, bigEndian: true)),
            ColumnKind.Decimal when type.Precision is { } precision and <= MostPrecision => new ParquetValues<decimal>(
                new DecimalDataField(name, precision, type.Scale ?? 0, isNullable: true),
                bytes => FieldCodec.Read(type, bytes) is decimal number ? number : throw NoValue(table, column, bytes)),
            ColumnKind.Date => new ParquetValues<DateTime>(
                new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true),
                bytes => FieldCodec.Read(type, bytes) is DateOnly date ? date.ToDateTime(TimeOnly.MinValue) : throw NoValue(table, column, bytes)),
            ColumnKind.Timestamp or ColumnKind.TimestampTz => new ParquetValues<DateTime>(
                new DateTimeDataField(name, DateTimeFormat.Timestamp, type.Kind == ColumnKind.TimestampTz, DateTimeTimeUnit.Micros, isNullable: true),
                bytes => FieldCodec.Read(type, bytes) is DateTime time ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : throw NoValue(table, column, bytes)),
            ColumnKind.Bytea => new ParquetBytes(name),
            _ => new ParquetText(name, type),
        };
    }

    /// <summary>Takes the field of a row.</summary>
    public abstract void Add(ReadOnlySpan<byte> field, bool isNull);

    /// <summary>Writes the rows taken, and forgets them.</summary>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken);

    private static ParquetValues<T> Values<T>(string name, Read<T> read)
        where T : struct => new(new DataField(name, typeof(T), isNullable: true), read);

    private static StreamingException NoValue(TableModel table, ColumnModel column, ReadOnlySpan<byte> field) => new(
        ErrorIds.ValueNotRead,
        StreamingErrorKind.InvalidInput,
        $"\"{table.Name}\".\"{column.Name}\" has the value {ValueText.Of(FieldCodec.Read(column.Type, field))}, for which Parquet's type has no representation.",
        "Export as Csv, Jsonl or Copy instead.",
        column.Name);

    private sealed class ParquetValues<T>(DataField dataField, Read<T> read) : ParquetColumn(dataField)
        where T : struct
    {
        private readonly List<T?> _values = [];

        public override void Add(ReadOnlySpan<byte> field, bool isNull) => _values.Add(isNull ? null : read(field));

        public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
        {
            await group.WriteAsync(Field, (ReadOnlyMemory<T?>)_values.ToArray(), cancellationToken: cancellationToken).ConfigureAwait(false);
            _values.Clear();
        }
    }

    private sealed class ParquetText(string name, ColumnType type) : ParquetColumn(new DataField(name, typeof(string), isNullable: true))
    {
        private readonly List<string?> _values = [];

        public override void Add(ReadOnlySpan<byte> field, bool isNull) =>
            _values.Add(isNull ? null : FieldText.IsText(type) ? System.Text.Encoding.UTF8.GetString(FieldText.Text(type, field)) : ValueText.Of(FieldCodec.Read(type, field)));

        public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await group.WriteAsync(Field, _values!).ConfigureAwait(false);
            _values.Clear();
        }
    }

    private sealed class ParquetBytes(string name) : ParquetColumn(new DataField(name, typeof(byte[]), isNullable: true))
    {
        private readonly List<byte[]?> _values = [];

        public override void Add(ReadOnlySpan<byte> field, bool isNull) => _values.Add(isNull ? null : field.ToArray());

        public override async Task WriteAsync(ParquetRowGroupWriter group, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await group.WriteAsync(Field, _values!).ConfigureAwait(false);
            _values.Clear();
        }
    }
}
