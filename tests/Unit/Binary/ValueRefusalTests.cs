using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Binary;

/// <summary>Values from outside: what is taken, what is refused, and the reason that a user reads.</summary>
public sealed class ValueRefusalTests
{
    public static TheoryData<string, object, string> Refused => new()
    {
        { "UUID", "not-a-uuid", "it is not a UUID" },
        { "UUID", 42, "it is not a UUID" },
        { "INTEGER", "ten", "it is not a whole number" },
        { "INTEGER", "1.5", "it is not a whole number" },
        { "INTEGER", 1.5, "it is not a whole number" },
        { "INTEGER", true, "it is not a whole number" },
        { "INTEGER", "1,000", "it is not a whole number" },
        { "INTEGER", 2_147_483_648L, "outside the range of integer" },
        { "INTEGER", "-2147483649", "outside the range of integer" },
        { "DECIMAL(10,2)", "cheap", "it is not a number" },
        { "DECIMAL(10,2)", double.PositiveInfinity, "cannot be infinite" },
        { "DECIMAL(10,2)", "1e40", "too large" },
        { "DECIMAL(10,2)", "100000000", "does not fit DECIMAL(10,2)" },
        { "DECIMAL(10,2)", "99999999.995", "does not fit DECIMAL(10,2)" },
        { "DECIMAL(10,2)", "-100000000.00", "does not fit DECIMAL(10,2)" },
        { "DECIMAL(2,2)", 1, "does not fit DECIMAL(2,2)" },
        { "DECIMAL(3)", 999.5m, "does not fit DECIMAL(3,0)" },
        { "TIMESTAMP", "yesterday", "it is not a time" },
        { "TIMESTAMP", "2025-13-01", "it is not a time" },
        { "TIMESTAMP", 20250101, "it is not a time" },
        { "VARCHAR(3)", "abcd", "it has 4 characters, but the column takes only 3" },
        { "VARCHAR(3)", "a\0b", "NUL" },
        { "VARCHAR(3)", 1234, "it has 4 characters" },
    };

    public static TheoryData<string, object, object> Taken => new()
    {
        { "UUID", "{0190A000-0000-7000-8000-000000000001}", Guid.Parse("0190a000-0000-7000-8000-000000000001") },
        { "INTEGER", " 42 ", 42 },
        { "INTEGER", "4.20e1", 42 },
        { "INTEGER", 42.0, 42 },
        { "INTEGER", 42L, 42 },
        { "INTEGER", (byte)42, 42 },
        { "DECIMAL(10,2)", "1.5", 1.5m },
        { "DECIMAL(10,2)", 1.5, 1.5m },
        { "DECIMAL(10,2)", 7, 7m },
        { "DECIMAL(10,2)", "99999999.994", 99999999.99m },
        { "VARCHAR(3)", "😀😀😀", "😀😀😀" },
        { "VARCHAR(3)", 123, "123" },
        { "VARCHAR(8)", 1.5, "1.5" },
        { "TIMESTAMP", "2025-01-31", new DateTime(2025, 1, 31) },
        { "TIMESTAMP", "2025-01-31T12:30:00Z", new DateTime(2025, 1, 31, 12, 30, 0) },
        { "TIMESTAMP", "2025-01-31 12:30:00.123456", new DateTime(2025, 1, 31, 12, 30, 0).AddTicks(1_234_560) },
        { "TIMESTAMP", "2025-01-31T12:30:00+02:00", new DateTime(2025, 1, 31, 10, 30, 0) },
        { "TIMESTAMP", new DateTimeOffset(2025, 1, 31, 12, 30, 0, TimeSpan.FromHours(-3)), new DateTime(2025, 1, 31, 15, 30, 0) },
        { "TIMESTAMP", new DateOnly(2025, 1, 31), new DateTime(2025, 1, 31) },
    };

    [Theory]
    [MemberData(nameof(Refused))]
    public void Is_refused_with_the_reason(string type, object value, string reason)
    {
        var error = Assert.Throws<FormatException>(() => FieldCodec.Encode(Type(type), value));

        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Taken))]
    public void Is_taken(string type, object value, object kept) =>
        Assert.Equal(kept, FieldCodec.Read(Type(type), FieldCodec.Encode(Type(type), value)));

    [Fact]
    public void A_local_time_is_kept_in_UTC()
    {
        var local = new DateTime(2025, 7, 1, 12, 0, 0, DateTimeKind.Local);

        Assert.Equal(local.ToUniversalTime(), FieldCodec.Read(Type("TIMESTAMP"), FieldCodec.Encode(Type("TIMESTAMP"), local)));
    }

    private static ColumnType Type(string text)
    {
        Assert.True(ColumnType.TryParse(text, out var type, out var reason), reason);
        return type!;
    }
}
