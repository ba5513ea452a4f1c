// The driver reserves the right to change how converters are added with its next major version.
#pragma warning disable NPG9001

using System.Buffers.Binary;
using System.Text;
using Npgsql;
using Npgsql.Internal;
using Npgsql.Internal.Postgres;
using NpgsqlTypes;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// The fields of one column as an array parameter, in the binary format that they have in a <see cref="RowBlock"/>: an array is a header
/// and then fields, each with its length before it, just as a row is.
/// </summary>
internal sealed class EncodedArray
{
    // Dimensions, whether there are NULLs, type of the elements, their number, number of the first: four bytes each.
    private const int HeaderSize = 20;

    private readonly ColumnType _type;
    private readonly NpgsqlDbType _element;
    private byte[] _bytes;
    private int _length = HeaderSize;
    private int _count;

    private EncodedArray(ColumnType type, int capacity)
    {
        _type = type;
        (_element, var oid) = ElementOf(type);
        _bytes = new byte[HeaderSize + capacity];
        BinaryPrimitives.WriteInt32BigEndian(_bytes, 1);
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(8), oid);
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(16), 1);
    }

    /// <summary>The columns of a block's rows, a parameter each.</summary>
    /// <param name="columns">The fields of a row.</param>
    /// <param name="block">The rows.</param>
    public static NpgsqlParameter[] Parameters(IReadOnlyList<ColumnModel> columns, RowBlock block)
    {
        var arrays = columns.Select(column => new EncodedArray(column.Type, 24 * block.Rows)).ToArray();
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            foreach (var array in arrays)
            {
                var field = reader.NextField(out var isNull);
                array.Add(field, isNull);
            }
        }

        return Array.ConvertAll(arrays, array => array.ToParameter());
    }

    /// <summary>SQL of an element of such a parameter, as a value of the column.</summary>
    public static string ElementSql(string element, ColumnType type, string typeName) =>
        IsLabelOrArray(type) ? $"{element}::{typeName}" : element;

    /// <summary>SQL of such a parameter, as something that is compared with the column.</summary>
    /// <remarks>Text would be compared with character(n) as text, for which the column's index is of no use.</remarks>
    public static string Sql(ColumnType type, string typeName, int number) =>
        IsLabelOrArray(type) ? $"${number}::{typeName}[]"
        : type.Kind == ColumnKind.Char ? $"${number}::bpchar[]"
        : $"${number}";

    /// <summary>Makes a data source take such parameters.</summary>
    public static void AddTo(NpgsqlDataSourceBuilder builder) => builder.AddTypeInfoResolverFactory(new Resolver());

    private static bool IsLabelOrArray(ColumnType type) => type.Kind is ColumnKind.Enum or ColumnKind.Array or ColumnKind.Literal;

    private void Add(ReadOnlySpan<byte> field, bool isNull)
    {
        _count++;
        if (isNull)
        {
            _bytes[7] = 1;
            BinaryPrimitives.WriteInt32BigEndian(Space(4), -1);
            return;
        }

        // An array cannot be an element of one.
        var bytes = _type.Kind == ColumnKind.Array ? Encoding.UTF8.GetBytes(ValueText.Of(FieldCodec.Read(_type, field))) : field;
        BinaryPrimitives.WriteInt32BigEndian(Space(4), bytes.Length);
        bytes.CopyTo(Space(bytes.Length));
    }

    private Span<byte> Space(int size)
    {
        if (_length + size > _bytes.Length)
        {
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + size));
        }

        _length += size;
        return _bytes.AsSpan(_length - size, size);
    }

    private NpgsqlParameter<EncodedArray> ToParameter()
    {
        BinaryPrimitives.WriteInt32BigEndian(_bytes.AsSpan(12), _count);
        return new NpgsqlParameter<EncodedArray> { TypedValue = this, NpgsqlDbType = NpgsqlDbType.Array | _element };
    }

    /// <summary>The type of the elements and its oid; the server has these since they were made.</summary>
    private static (NpgsqlDbType Type, int Oid) ElementOf(ColumnType type) => type.WithoutSequence().Kind switch
    {
        ColumnKind.Uuid => (NpgsqlDbType.Uuid, 2950),
        ColumnKind.SmallInteger => (NpgsqlDbType.Smallint, 21),
        ColumnKind.Integer => (NpgsqlDbType.Integer, 23),
        ColumnKind.BigInteger => (NpgsqlDbType.Bigint, 20),
        ColumnKind.Real => (NpgsqlDbType.Real, 700),
        ColumnKind.DoublePrecision => (NpgsqlDbType.Double, 701),
        ColumnKind.Decimal => (NpgsqlDbType.Numeric, 1700),
        ColumnKind.Boolean => (NpgsqlDbType.Boolean, 16),
        ColumnKind.Date => (NpgsqlDbType.Date, 1082),
        ColumnKind.Time => (NpgsqlDbType.Time, 1083),
        ColumnKind.Timestamp => (NpgsqlDbType.Timestamp, 1114),
        ColumnKind.TimestampTz => (NpgsqlDbType.TimestampTz, 1184),
        ColumnKind.Interval => (NpgsqlDbType.Interval, 1186),
        ColumnKind.Bytea => (NpgsqlDbType.Bytea, 17),
        ColumnKind.Json => (NpgsqlDbType.Json, 114),
        ColumnKind.Jsonb => (NpgsqlDbType.Jsonb, 3802),
        ColumnKind.Inet => (NpgsqlDbType.Inet, 869),
        ColumnKind.Cidr => (NpgsqlDbType.Cidr, 650),
        ColumnKind.MacAddr => (NpgsqlDbType.MacAddr, 829),
        ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char or ColumnKind.Enum or ColumnKind.Array or ColumnKind.Literal => (NpgsqlDbType.Text, 25),
        _ => throw new NotSupportedException($"Columns of type {type.Kind} cannot be sent."),
    };

    /// <summary>Tells the driver how such a parameter is written.</summary>
    private sealed class Resolver : PgTypeInfoResolverFactory, IPgTypeInfoResolver
    {
        public override IPgTypeInfoResolver CreateResolver() => this;

        public override IPgTypeInfoResolver? CreateArrayResolver() => null;

        public PgTypeInfo? GetTypeInfo(Type? type, DataTypeName? dataTypeName, PgSerializerOptions options) =>
            type == typeof(EncodedArray) && dataTypeName is { } name ? new PgTypeInfo(options, new Converter(), name) : null;
    }

    /// <summary>Writes the bytes as they are.</summary>
    private sealed class Converter : PgStreamingConverter<EncodedArray>
    {
        public override bool CanConvert(DataFormat format, out BufferRequirements bufferRequirements)
        {
            bufferRequirements = BufferRequirements.None;
            return format == DataFormat.Binary;
        }

        public override Size GetSize(SizeContext context, EncodedArray value, ref object? writeState) => value._length;

        public override void Write(PgWriter writer, EncodedArray value) => writer.WriteBytes(value._bytes.AsSpan(0, value._length));

        public override ValueTask WriteAsync(PgWriter writer, EncodedArray value, CancellationToken cancellationToken = default) =>
            writer.WriteBytesAsync(value._bytes.AsMemory(0, value._length), cancellationToken);

        public override EncodedArray Read(PgReader reader) => throw new NotSupportedException();

        public override ValueTask<EncodedArray> ReadAsync(PgReader reader, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();
    }
}
