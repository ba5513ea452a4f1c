using System.Numerics;
using System.Security;
using System.Text;
using System.Text.Json;
using System.Xml;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Binary;

/// <summary>Every value becomes what it says, or is refused: no digit, second, zone or character is lost in silence.</summary>
public sealed class ExactValueTests
{
    private static readonly int[] One = [1];

    public static TheoryData<string, object, object> Kept => new()
    {
        { "NUMERIC", 0.1 + 0.2, 0.30000000000000004m },
        { "NUMERIC", 1234567890123456.7, 1234567890123456.8m },
        { "NUMERIC", 0.1f, 0.1m },
        { "NUMERIC", BigInteger.Pow(10, 40), "1" + new string('0', 40) },
        { "NUMERIC", double.NaN, "NaN" },
        { "NUMERIC", double.NegativeInfinity, "-Infinity" },
        { "NUMERIC(10,2)", 10.1 * 3, 30.30m },
        { "BIGINT", 1234567890123456.0, 1234567890123456L },
        { "BIGINT", new BigInteger(long.MaxValue), long.MaxValue },
        { "BIGINT", (Int128)42, 42L },
        { "BIGINT", DayOfWeek.Friday, 5L },
        { "REAL", 0.1, 0.1f },
        { "DOUBLE PRECISION", 9007199254740992L, 9007199254740992d },
        { "DOUBLE PRECISION", "inf", double.PositiveInfinity },
        { "TEXT", true, "true" },
        { "TEXT", 0.1 + 0.2, "0.30000000000000004" },
        { "TEXT", new DateTime(2026, 4, 3, 8, 11, 12, DateTimeKind.Utc).AddTicks(1_234_567), "2026-04-03T08:11:12.1234567Z" },
        { "TEXT", new DateTime(2026, 4, 3, 8, 11, 12), "2026-04-03T08:11:12" },
        { "TEXT", new DateTimeOffset(2026, 4, 3, 8, 11, 12, TimeSpan.FromHours(-3)), "2026-04-03T08:11:12-03:00" },
        { "TEXT", new DateOnly(2026, 4, 3), "2026-04-03" },
        { "TEXT", new TimeOnly(8, 11, 12, 500), "08:11:12.5" },
        { "TEXT", new Uri("http://example.com/a%20b"), "http://example.com/a%20b" },
        { "TIMESTAMP", new DateTime(2026, 4, 3).AddTicks(16), new DateTime(2026, 4, 3).AddTicks(20) },
        { "TIME", TimeSpan.FromDays(1), "24:00:00" },
        { "JSONB", new Dictionary<string, object?> { ["a"] = new object?[] { 1, null, 0.1m }, ["t"] = new DateOnly(2026, 4, 3) }, """{"a":[1,null,0.1],"t":"2026-04-03"}""" },
        { "JSON", new[,] { { 1, 2 }, { 3, 4 } }, "[[1,2],[3,4]]" },
        { "JSON", BigInteger.Pow(10, 30), "1" + new string('0', 30) },
    };

    public static TheoryData<string, object> Refused => new()
    {
        { "TEXT", new object[] { 1, 2 } },
        { "TEXT", new Dictionary<string, object> { ["a"] = 1 } },
        { "TEXT", new byte[] { 1, 2 } },
        { "TEXT", new SecureString() },
        { "TEXT", new XmlDocument() },
        { "TEXT", JsonDocument.Parse("""{"a": 1}""").RootElement },
        { "TEXT", new object() },
        { "TEXT", "half \ud83d" },
        { "VARCHAR(9)", "\udc00" },
        { "JSON", "\"\ud800\"" },
        { "JSON", "plain" },
        { "JSON", double.NaN },
        { "JSON", new SecureString() },
        { "JSONB", new XmlDocument() },
        { "BIGINT", "1.00000000000000000000000000000000001" },
        { "BIGINT", 1e300 },
        { "INTEGER", double.NaN },
        { "REAL", 16_777_217 },
        { "REAL", Math.PI },
        { "REAL", "1e-60" },
        { "DOUBLE PRECISION", 9_007_199_254_740_993L },
        { "DOUBLE PRECISION", 0.12345678901234567890m },
        { "DOUBLE PRECISION", BigInteger.Pow(10, 30) + 1 },
        { "DATE", new DateTimeOffset(2026, 4, 3, 0, 0, 0, TimeSpan.FromHours(2)) },
        { "TIME", TimeSpan.FromDays(2) },
        { "INTERVAL", "6" },
        { "BYTEA", new byte[,] { { 1 } } },
        { "INTEGER[]", "{1,\"\",2}" },
        { "INTEGER[]", "{{1,2},{3}}" },
        { "INTEGER[]", "{1,{2}}" },
        { "INTEGER[]", new object[] { One, 2 } },
        { "INTEGER[]", "{{}}" },
        { "INTEGER[]", "[1" },
        { "INTEGER[]", "{1,2" },
        { "TEXT[]", "{a\"b}" },
        { "NUMERIC(5,2)", "infinity" },
    };

    [Theory]
    [MemberData(nameof(Kept))]
    public void Is_kept(string type, object value, object kept) =>
        Assert.Equal(kept, FieldCodec.Read(Type(type), FieldCodec.Encode(Type(type), value)));

    [Theory]
    [MemberData(nameof(Refused))]
    public void Is_refused(string type, object value) =>
        Assert.Throws<FormatException>(() => FieldCodec.Encode(Type(type), value));

    [Fact]
    public void A_list_that_has_itself_inside_is_refused()
    {
        var list = new List<object>();
        list.Add(list);

        Assert.Throws<FormatException>(() => FieldCodec.Encode(Type("JSONB"), list));
    }

    [Theory]
    [InlineData("{{1,2},{3,NULL}}")]
    [InlineData("[[1, 2], [3, null]]")]
    public void Dimensions_are_kept(string text)
    {
        var type = Type("INTEGER[]");
        object?[] expected = [new object?[] { 1, 2 }, new object?[] { 3, null }];

        Assert.Equal(expected, FieldCodec.Read(type, FieldCodec.Encode(type, text)));
        Assert.Equal(expected[0], ((object?[])FieldCodec.Read(type, FieldCodec.Encode(type, new[,] { { 1, 2 }, { 3, 4 } })))[0]);
    }

    [Fact]
    public void An_error_never_shows_what_an_object_has_inside()
    {
        Assert.Equal("a value of type SecureString", ValueConverter.Describe(new SecureString()));
        Assert.Equal("a value of type Object[]", ValueConverter.Describe(new object[] { 1 }));
        Assert.Equal("\"text\"", ValueConverter.Describe("text"));
    }

    private static ColumnType Type(string text)
    {
        Assert.True(ColumnType.TryParse(text, out var type, out var reason), reason);
        return type!;
    }
}
