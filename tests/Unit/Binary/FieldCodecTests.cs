using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Tests.Unit.Binary;

/// <summary>What is written as a field comes back as the same value, digits after the point included.</summary>
public sealed class FieldCodecTests
{
    private static readonly ColumnType AnyDecimal = new(ColumnKind.Decimal);

    public static TheoryData<string> EdgeDecimals => new(
        "0", "0.01", "0.10", "-0.01", "1", "-1", "9999", "10000", "10001", "99999999.99", "-99999999.99", "100000000", "0.0001", "0.00010001",
        "1.0000000000000000000000000001", "0.0000000000000000000000000001", "79228162514264337593543950335", "-79228162514264337593543950335",
        "7.9228162514264337593543950335", "10000.0001", "120000000.00000012", "0.00000000");

    [Theory]
    [MemberData(nameof(EdgeDecimals))]
    public void Edge_numbers_come_back_with_their_digits(string text)
    {
        var value = decimal.Parse(text, CultureInfo.InvariantCulture);

        Assert.Equal(text, Text(CommandBatch(AnyDecimal, value)));
    }

    [Theory]
    [InlineData("12.3")]
    [InlineData("-0.00")]
    [InlineData("0000012.5")]
    [InlineData("000000000012.5")]
    [InlineData("+7.25")]
    [InlineData(".5")]
    [InlineData("5.")]
    [InlineData(" 5.1 ")]
    [InlineData("1e3")]
    [InlineData("12.345")]
    [InlineData("-12.995")]
    [InlineData("9999999999.99")]
    [InlineData("-9999999999")]
    public void Text_of_a_number_gives_the_bytes_of_the_number(string text)
    {
        foreach (var name in (string[])["DECIMAL(12,2)", "DECIMAL(18,4)", "DECIMAL(28,10)", "DECIMAL(12)", "DECIMAL"])
        {
            Assert.True(ColumnType.TryParse(name, out var type, out _));

            Assert.Equal(FieldCodec.Encode(type, decimal.Parse(text, NumberStyles.Float, CultureInfo.InvariantCulture)), FieldCodec.Encode(type, text));
        }
    }

    [Theory]
    [InlineData("1.2.3")]
    [InlineData("-")]
    [InlineData("1-2")]
    [InlineData("1,5")]
    [InlineData("12345678901.00")]
    [InlineData("9999999999.995")]
    public void Text_that_is_no_number_or_too_large_is_refused(string text)
    {
        Assert.True(ColumnType.TryParse("DECIMAL(12,2)", out var type, out _));

        Assert.Throws<FormatException>(() => FieldCodec.Encode(type, text));
    }

    [Fact]
    public void Text_of_random_numbers_and_times_gives_the_bytes_of_the_values()
    {
        var random = new Random(19);
        Assert.True(ColumnType.TryParse("DECIMAL(14,4)", out var number, out _));
        var timestamp = new ColumnType(ColumnKind.Timestamp);
        string[] forms = ["yyyy-MM-ddTHH:mm:ss.FFFFFF", "yyyy-MM-dd HH:mm:ss", "yyyy-MM-dd HH:mm:ss.ffffff", "yyyy-MM-ddTHH:mm:ss.fffZ", "yyyy-MM-dd HH:mm:ss.fff+00", "yyyy-MM-ddTHH:mm"];
        for (var round = 0; round < 5000; round++)
        {
            var value = new decimal(random.Next(), 0, 0, random.Next(2) == 0, (byte)random.Next(5));
            Assert.Equal(FieldCodec.Encode(number, value), FieldCodec.Encode(number, Text(value)));

            var form = forms[round % forms.Length];
            var text = new DateTime(random.NextInt64(DateTime.MaxValue.Ticks)).ToString(form, CultureInfo.InvariantCulture);
            var time = DateTime.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AdjustToUniversal | DateTimeStyles.AssumeUniversal);
            Assert.Equal(FieldCodec.Encode(timestamp, DateTime.SpecifyKind(time, DateTimeKind.Unspecified)), FieldCodec.Encode(timestamp, text));
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(8)]
    [InlineData(13)]
    [InlineData(27)]
    [InlineData(28)]
    public void Random_numbers_of_every_size_come_back(int scale)
    {
        var random = new Random(scale);
        for (var round = 0; round < 2000; round++)
        {
            // Mantissas of every length, so that every number of digit groups occurs.
            var mantissa = (Int128)random.NextInt64() * random.NextInt64() >> random.Next(31, 126);
            var value = new decimal((int)mantissa, (int)(mantissa >> 32), (int)(mantissa >> 64), random.Next(2) == 0 && mantissa != 0, (byte)scale);

            Assert.Equal(Text(value), Text(CommandBatch(AnyDecimal, value)));
        }
    }

    [Fact]
    public void Short_way_for_generated_numbers_writes_the_same_bytes()
    {
        var random = new Random(7);
        for (var round = 0; round < 5000; round++)
        {
            var scale = random.Next(5);
            var unscaled = (random.NextInt64() >> random.Next(1, 63)) * (random.Next(2) == 0 ? 1 : -1);
            var value = unscaled / (decimal)Math.Pow(10, scale);
            using var block = new RowBlock(64);
            var writer = new RowWriter(block);
            writer.WriteNumeric(unscaled, scale);

            // Precision far above what is needed: only the scale matters here.
            Assert.Equal(FieldCodec.Encode(new ColumnType(ColumnKind.Decimal, Precision: 1000, Scale: scale), value), block.Buffer[4..writer.Position]);
        }
    }

    [Theory]
    [InlineData("0.005", "0.01")]
    [InlineData("-0.005", "-0.01")]
    [InlineData("0.0049999", "0.00")]
    [InlineData("2.5", "2.50")]
    [InlineData("1.245", "1.25")]
    [InlineData("99999999.994", "99999999.99")]
    [InlineData("-0.001", "0.00")]
    public void Numbers_are_rounded_to_the_scale_half_away_from_zero_as_PostgreSQL_does(string given, string kept) =>
        Assert.Equal(kept, Text(CommandBatch(new ColumnType(ColumnKind.Decimal, Precision: 10, Scale: 2), given)));

    [Fact]
    public void Times_come_back_to_the_microsecond()
    {
        var type = new ColumnType(ColumnKind.Timestamp);
        var random = new Random(3);
        var edges = new[]
        {
            new DateTime(2000, 1, 1), new DateTime(1999, 12, 31, 23, 59, 59).AddTicks(9_999_990), new DateTime(1, 1, 1),
            new DateTime(9999, 12, 31, 23, 59, 59).AddTicks(9_999_990), new DateTime(1970, 1, 1), new DateTime(2024, 2, 29, 12, 0, 0),
        };
        var randoms = Enumerable.Range(0, 2000).Select(_ => new DateTime(random.NextInt64(DateTime.MaxValue.Ticks / 10) * 10));
        foreach (var time in edges.Concat(randoms))
        {
            Assert.Equal(time, CommandBatch(type, time));
        }
    }

    [Fact]
    public void Uuids_integers_and_text_come_back()
    {
        var random = new Random(5);
        var bytes = new byte[16];
        for (var round = 0; round < 1000; round++)
        {
            random.NextBytes(bytes);
            var uuid = new Guid(bytes);
            var number = (int)(random.NextInt64() >> random.Next(32, 63));
            Assert.Equal(uuid, CommandBatch(new ColumnType(ColumnKind.Uuid), uuid));
            Assert.Equal(uuid, CommandBatch(new ColumnType(ColumnKind.Uuid), uuid.ToString()));
            Assert.Equal(number, CommandBatch(new ColumnType(ColumnKind.Integer), number));
            Assert.Equal(number, CommandBatch(new ColumnType(ColumnKind.Serial), number.ToString(CultureInfo.InvariantCulture)));
        }

        foreach (var text in new[] { "", " ", "é", "日本語", "😀 and more", "a\tb\nc", "\\N", new string('x', 100_000) })
        {
            Assert.Equal(text, CommandBatch(new ColumnType(ColumnKind.VarChar), text));
        }
    }

    [Fact]
    public void Uuid_is_written_in_the_order_it_is_read_in() => Assert.Equal(
        Convert.FromHexString("00112233445566778899AABBCCDDEEFF"),
        FieldCodec.Encode(new ColumnType(ColumnKind.Uuid), Guid.Parse("00112233-4455-6677-8899-aabbccddeeff")));

    [Fact]
    public void Nothing_is_NULL_in_every_column_and_empty_text_in_all_but_text()
    {
        foreach (var kind in Enum.GetValues<ColumnKind>())
        {
            Assert.True(IsNull(kind, null), $"{kind} null");
            Assert.True(IsNull(kind, DBNull.Value), $"{kind} DBNull");
            Assert.Equal(kind is not (ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char), IsNull(kind, ""));
        }
    }

    [Fact]
    public void A_row_larger_than_its_block_makes_the_block_grow_and_a_dropped_row_leaves_no_trace()
    {
        using var block = new RowBlock(16);
        var writer = new RowWriter(block);
        for (var row = 0; row < 3; row++)
        {
            writer.BeginRow(2);
            writer.WriteInt32(row);
            writer.WriteText(new string((char)('a' + row), 5000));
            if (row == 1)
            {
                writer.DropRow();
            }
            else
            {
                writer.EndRow();
            }
        }

        var read = new List<(int, string)>();
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            var number = (int)FieldCodec.Read(new ColumnType(ColumnKind.Integer), reader.NextField(out _));
            read.Add((number, (string)FieldCodec.Read(new ColumnType(ColumnKind.VarChar), reader.NextField(out _))));
        }

        Assert.Equal([(0, new string('a', 5000)), (2, new string('c', 5000))], read);
        Assert.Equal(2, block.Rows);
    }

    private static bool IsNull(ColumnKind kind, object? value)
    {
        using var block = new RowBlock(64);
        var writer = new RowWriter(block);
        FieldCodec.Write(writer, new ColumnType(kind), value);
        return block.Buffer.AsSpan(0, 4).SequenceEqual(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF });
    }

    private static object CommandBatch(ColumnType type, object value) => FieldCodec.Read(type, FieldCodec.Encode(type, value));

    private static string Text(object value) => ((decimal)value).ToString(CultureInfo.InvariantCulture);
}
