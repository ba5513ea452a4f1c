using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Export;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Export;

/// <summary>The fast way from a field to text writes what the slow one, by the value, writes.</summary>
public sealed class FieldTextTests
{
    private const int Seed = 42;

    internal static readonly string[] TypeNames =
    [
        "SMALLINT", "INTEGER", "BIGINT", "REAL", "DOUBLE PRECISION", "BOOLEAN", "UUID", "DECIMAL(12,2)", "DECIMAL(28,10)", "DECIMAL", "DATE", "TIME", "TIMESTAMP",
        "TIMESTAMPTZ", "TEXT", "VARCHAR(50)", "JSONB", "BYTEA", "INTERVAL", "TEXT[]",
    ];

    public static TheoryData<string> Types => new(TypeNames);

    [Theory]
    [MemberData(nameof(Types))]
    public void Text_and_JSON_of_a_field_are_those_of_its_value(string name)
    {
        Assert.True(ColumnType.TryParse(name, out var type, out _));
        var random = new Random(Seed);
        for (var round = 0; round < 2000; round++)
        {
            AssertSame(type, FieldCodec.Encode(type, Value(type, random)));
        }
    }

    [Theory]
    [InlineData("DECIMAL", "NaN")]
    [InlineData("DECIMAL", "Infinity")]
    [InlineData("DECIMAL", "123456789012345678901234567890.5")]
    [InlineData("DECIMAL", "0.000000000000000000000000000001")]
    [InlineData("TIMESTAMP", "infinity")]
    [InlineData("DATE", "0044-03-15 BC")]
    [InlineData("TIME", "24:00:00")]
    [InlineData("DOUBLE PRECISION", "NaN")]
    [InlineData("REAL", "-Infinity")]
    [InlineData("TEXT", "\u007f\u2028\ud83d\ude00\\\"\n\t\u0001 ")]
    public void Odd_values_have_the_same_text(string name, string value)
    {
        Assert.True(ColumnType.TryParse(name, out var type, out _));
        AssertSame(type, FieldCodec.Encode(type, value));
    }

    /// <summary>The text of a date is kept for some of them.</summary>
    [Theory]
    [InlineData(-32_800, -32_700)]
    [InlineData(-400, 400)]
    [InlineData(32_700, 32_800)]
    public void Every_date_has_its_text_the_first_time_and_later(int first, int last)
    {
        Assert.True(ColumnType.TryParse("DATE", out var date, out _));
        Assert.True(ColumnType.TryParse("TIMESTAMP", out var timestamp, out _));
        for (var day = first; day <= last; day++)
        {
            var value = new DateTime(2000, 1, 1, 13, 45, 59, 120, DateTimeKind.Unspecified).AddDays(day);
            AssertSame(date, FieldCodec.Encode(date, DateOnly.FromDateTime(value)));
            AssertSame(timestamp, FieldCodec.Encode(timestamp, value));
        }
    }

    internal static object Value(ColumnType type, Random random) => type.Kind switch
    {
        ColumnKind.SmallInteger => (short)random.Next(short.MinValue, short.MaxValue),
        ColumnKind.Integer => random.Next(int.MinValue, int.MaxValue),
        ColumnKind.BigInteger => random.NextInt64(long.MinValue, long.MaxValue),
        ColumnKind.Real => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
        ColumnKind.DoublePrecision => BitConverter.Int64BitsToDouble(random.NextInt64(long.MinValue, long.MaxValue)),
        ColumnKind.Boolean => random.Next(2) == 0,
        ColumnKind.Uuid => new Guid(Bytes(random)),
        ColumnKind.Decimal => new decimal(random.Next(), random.Next(2), 0, random.Next(2) == 0, (byte)random.Next(3)) / (type.Scale == 2 || random.Next(2) == 0 ? 1 : 1_000_000_000),
        ColumnKind.Date => DateOnly.FromDayNumber(random.Next(DateOnly.MaxValue.DayNumber)),
        ColumnKind.Time => new TimeOnly(random.NextInt64(TimeSpan.TicksPerDay) / 10 * 10),
        ColumnKind.Timestamp => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks) / 10 * 10, DateTimeKind.Unspecified),
        ColumnKind.TimestampTz => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks) / 10 * 10, DateTimeKind.Utc),
        ColumnKind.Jsonb => $$"""{"a": {{random.Next()}}, "b": "x\"y"}""",
        ColumnKind.Bytea => Bytes(random),
        ColumnKind.Interval => TimeSpan.FromMicroseconds(random.NextInt64(1L << 45)),
        ColumnKind.Array => new object?[] { "a\"b\\", null, "c,d" },
        _ => string.Concat(Enumerable.Range(0, random.Next(20)).Select(_ => (char)random.Next(32, 400))),
    };

    private static byte[] Bytes(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return bytes;
    }

    private static void AssertSame(ColumnType type, byte[] field)
    {
        var value = FieldCodec.Read(type, field);
        using var text = new TextBuffer();
        FieldText.Append(text, type, field);
        Assert.Equal(ValueText.Of(value), Encoding.UTF8.GetString(text.Memory.Span));
        Assert.Equal(Json(value), JsonOf(type, field));
    }

    private static string Json(object value)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            writer.WriteStartObject();
            writer.WritePropertyName("v");
            ValueText.WriteJson(writer, value);
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static string JsonOf(ColumnType type, byte[] field)
    {
        var table = MetadataReader.Parse("""{ "t": { "columns": { "v": { "type": "TEXT", "primary_key": true } } } }""").Tables[0];
        table = table with { Columns = [table.Columns[0] with { Type = type }] };
        using var block = new RowBlock(field.Length + 64);
        var writer = new RowWriter(block);
        writer.BeginRow(1);
        writer.WriteBytes(field);
        writer.EndRow();
        using var text = new TextBuffer();
        new JsonFormatter(table).Append(text, block, 0, 1);
        return Encoding.UTF8.GetString(text.Memory.Span);
    }
}
