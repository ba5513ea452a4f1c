using System.Buffers.Binary;
using System.Runtime.CompilerServices;
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

    private const int FirstRows = 1024;
    private const int FirstCharacters = 16 * FirstRows;

    // Its place, and what Parquet.Net reads.
    private static readonly int BytesOfText = Unsafe.SizeOf<(int, int)>() + Unsafe.SizeOf<ReadOnlyMemory<char>?>();

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
                bytes => NumericCodec.SuitsDecimal(bytes) ? NumericCodec.Read(bytes)
                    : FieldCodec.Read(type, bytes) is decimal number ? number : throw NoValue(table, column, bytes)),
            ColumnKind.Date => new ParquetValues<DateTime>(
                new DateTimeDataField(name, DateTimeFormat.Date, isNullable: true),
                bytes => BinaryPrimitives.ReadInt32BigEndian(bytes) is var day && PostgresTime.IsDateOnly(day)
                    ? PostgresTime.ToDate(day).ToDateTime(TimeOnly.MinValue) : throw NoValue(table, column, bytes)),
            ColumnKind.Timestamp or ColumnKind.TimestampTz => new ParquetValues<DateTime>(
                new DateTimeDataField(name, DateTimeFormat.Timestamp, type.Kind == ColumnKind.TimestampTz, DateTimeTimeUnit.Micros, isNullable: true),
                bytes => BinaryPrimitives.ReadInt64BigEndian(bytes) is var time && PostgresTime.IsDateTime(time)
                    ? DateTime.SpecifyKind(PostgresTime.ToDateTime(time), DateTimeKind.Utc) : throw NoValue(table, column, bytes)),
            ColumnKind.Bytea => new ParquetBytes(name),
            _ => new ParquetText(name, type),
        };
    }

    /// <summary>Takes the field of a row, and says how many bytes of memory it takes up.</summary>
    public abstract int Add(ReadOnlySpan<byte> field, bool isNull);

    /// <summary>Writes the rows taken, and forgets them.</summary>
    /// <param name="group">Where.</param>
    /// <param name="attached">The column in the schema of the file; another instance may gather the rows of every second group.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public abstract Task WriteAsync(ParquetRowGroupWriter group, DataField attached, CancellationToken cancellationToken);

    private static ParquetValues<T> Values<T>(string name, Read<T> read)
        where T : struct => new(new DataField(name, typeof(T), isNullable: true), read);

    /// <summary>The next place of an array that grows.</summary>
    private static ref T Next<T>(ref T[] values, ref int count)
    {
        if (count == values.Length)
        {
            Array.Resize(ref values, 2 * count);
        }

        return ref values[count++];
    }

    private static StreamingException NoValue(TableModel table, ColumnModel column, ReadOnlySpan<byte> field) => new(
        ErrorIds.ValueNotRead,
        StreamingErrorKind.InvalidInput,
        $"\"{table.Name}\".\"{column.Name}\" has the value {ValueText.Of(FieldCodec.Read(column.Type, field))}, for which Parquet's type has no representation.",
        "Export as Csv, Jsonl or Copy instead.",
        column.Name);

    private sealed class ParquetValues<T>(DataField dataField, Read<T> read) : ParquetColumn(dataField)
        where T : struct
    {
        private T?[] _values = new T?[FirstRows];
        private int _count;

        public override int Add(ReadOnlySpan<byte> field, bool isNull)
        {
            Next(ref _values, ref _count) = isNull ? null : read(field);
            return Unsafe.SizeOf<T?>();
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, DataField attached, CancellationToken cancellationToken)
        {
            await group.WriteAsync(attached, (ReadOnlyMemory<T?>)_values.AsMemory(0, _count), cancellationToken: cancellationToken).ConfigureAwait(false);
            _count = 0;
        }
    }

    /// <summary>Text, of which no string is made per value.</summary>
    private sealed class ParquetText(string name, ColumnType type) : ParquetColumn(new DataField(name, typeof(string), isNullable: true))
    {
        private char[] _text = new char[FirstCharacters];
        private (int Start, int Length)[] _values = new (int, int)[FirstRows];
        private ReadOnlyMemory<char>?[] _written = [];
        private int _length;
        private int _count;

        public override int Add(ReadOnlySpan<byte> field, bool isNull)
        {
            if (isNull)
            {
                Next(ref _values, ref _count) = (0, -1);
                return BytesOfText;
            }

            var start = _length;
            if (FieldText.IsText(type))
            {
                var bytes = FieldText.Text(type, field);
                Reserve(bytes.Length);
                _length += System.Text.Encoding.UTF8.GetChars(bytes, _text.AsSpan(start));
            }
            else
            {
                var text = ValueText.Of(FieldCodec.Read(type, field));
                Reserve(text.Length);
                text.CopyTo(_text.AsSpan(start));
                _length += text.Length;
            }

            Next(ref _values, ref _count) = (start, _length - start);
            return BytesOfText + (sizeof(char) * (_length - start));
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, DataField attached, CancellationToken cancellationToken)
        {
            if (_written.Length < _count)
            {
                _written = new ReadOnlyMemory<char>?[_values.Length];
            }

            for (var row = 0; row < _count; row++)
            {
                var (start, length) = _values[row];
                _written[row] = length < 0 ? default(ReadOnlyMemory<char>?) : _text.AsMemory(start, length); // a bare null would become an empty text
            }

            await group.WriteAsync(attached, (ReadOnlyMemory<ReadOnlyMemory<char>?>)_written.AsMemory(0, _count), cancellationToken: cancellationToken)
                .ConfigureAwait(false);

            // A few long texts need not have their place for ever.
            Array.Clear(_written, 0, _count);
            if (_text.Length / 4 > Math.Max(_length, FirstCharacters))
            {
                _text = new char[Math.Max(_length, FirstCharacters)];
            }

            (_length, _count) = (0, 0);
        }

        private void Reserve(int characters)
        {
            if (_text.Length - _length < characters)
            {
                Array.Resize(ref _text, (int)Math.Min(Math.Max(2L * _text.Length, (long)_length + characters), Array.MaxLength));
            }
        }
    }

    private sealed class ParquetBytes(string name) : ParquetColumn(new DataField(name, typeof(byte[]), isNullable: true))
    {
        private readonly List<byte[]?> _values = [];

        public override int Add(ReadOnlySpan<byte> field, bool isNull)
        {
            _values.Add(isNull ? null : field.ToArray());
            return Unsafe.SizeOf<byte[]?>() + field.Length;
        }

        public override async Task WriteAsync(ParquetRowGroupWriter group, DataField attached, CancellationToken cancellationToken)
        {
            cancellationToken.ThrowIfCancellationRequested();
            await group.WriteAsync(attached, _values!).ConfigureAwait(false);
            _values.Clear();
        }
    }
}
