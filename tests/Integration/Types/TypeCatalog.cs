using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Every type that metadata may name, its values as text, and metadata of tables that have them all.</summary>
internal static class TypeCatalog
{
    /// <summary>The name of the type, and texts that it must take; each reads back as the same value.</summary>
    public static readonly IReadOnlyDictionary<string, string[]> Values = new Dictionary<string, string[]>
    {
        ["SMALLINT"] = ["0", "-32768", "32767"],
        ["INTEGER"] = ["0", "-2147483648", "2147483647"],
        ["BIGINT"] = ["0", "-9223372036854775808", "9223372036854775807"],
        ["NUMERIC"] =
        [
            "0", "-0.00000001", "79228162514264337593543950335", "1234.5600", "79228162514264337593543950336.5", "-1e40", "1e-40", "+.5E3",
            "0.00012345678901234567890123456789", "-1234567890123456789012345678901234567890.12345", "NaN", "Infinity", "-inf",
        ],
        ["NUMERIC(38,10)"] = ["1234567890123456789012345678.0123456789", "-9999999999999999999999999999.99999999994", "0.00000000005", "nan"],
        ["NUMERIC(60,30)"] = ["0", "123456789012345678901234567890.123456789012345678901234567890", "-0.000000000000000000000000000001"],
        ["DECIMAL(8,3)"] = ["0", "-99999.999", "12.5"],
        ["REAL"] = ["0", "-1.5", "3.4028235e+38", "1e-45", "NaN", "Infinity", "-Infinity"],
        ["DOUBLE PRECISION"] = ["0", "0.1", "-1.7976931348623157e+308", "5e-324", "NaN", "Infinity", "-Infinity"],
        ["BOOLEAN"] = ["true", "false", "t", "no", "1"],
        ["CHAR(5)"] = ["ab", "abcde", "é😀"],
        ["BPCHAR"] = ["any length"],
        ["VARCHAR(5)"] = ["", "abcde", "😀é"],
        ["TEXT"] = ["", "a\tb\\N\n\"{,}'", "日本語"],
        ["UUID"] = ["00112233-4455-6677-8899-aabbccddeeff"],
        ["DATE"] = ["2000-01-01", "1999-12-31", "0001-01-01", "9999-12-31", "2024-02-29"],
        ["TIME"] = ["00:00:00", "23:59:59.999999", "12:30:00"],
        ["TIME(0)"] = ["12:30:45"],
        ["TIMESTAMP"] = ["2000-01-01 00:00:00", "1999-12-31 23:59:59.999999", "0001-01-01 00:00:00", "9999-12-31 23:59:59.999999"],
        ["TIMESTAMP(3)"] = ["2026-01-31 12:00:00.123"],
        ["TIMESTAMPTZ"] = ["2026-01-31 12:00:00+00", "1999-12-31 23:59:59.999999+00"],
        ["INTERVAL"] = ["1 year 2 mons 3 days 04:05:06.789", "-1 mons +3 days -04:05:06", "PT0S", "P-1Y2M", "26:00:00", "3.04:05:06", "2 weeks ago"],
        ["BYTEA"] = [@"\x", @"\xdeadbeef00"],
        ["JSON"] = ["""{"b": 1,  "a": [null, "é"]}""", "\"text\"", "null"],
        ["JSONB"] = ["""{"b": 1,  "a": [null, "é"]}""", "12.50", "[]"],
        ["INET"] = ["10.1.2.3", "10.1.2.3/8", "::1", "2001:db8::1/64"],
        ["CIDR"] = ["10.1.0.0/16", "2001:db8::/32", "192.168.1.1"],
        ["MACADDR"] = ["08:00:2b:01:02:03", "08-00-2B-01-02-03", "0800.2b01.0203"],
        ["mood"] = ["sad", "so, so", "\"q\""],
        ["positive"] = ["1", "2147483647"],
        ["moods"] = ["sad"],
        ["label"] = ["ABC"],
        ["code"] = ["AB", "ABCDEF"],
        ["odd"] = ["7", "1"],
        ["tags"] = ["{a,\"b c\",NULL}", "{}"],
    };

    /// <summary>A column per type, and one per array of it.</summary>
    public static IReadOnlyList<(string Column, string Type, string? Element)> Columns { get; } =
    [
        .. Values.Keys.Select((type, index) => ($"c{index}", type, (string?)null)),
        .. Values.Keys.Where(type => type != "tags").Select((type, index) => ($"a{index}", $"{type}[]", (string?)type)),
    ];

    /// <summary>A table "everything" with all of <see cref="Columns"/>, and a child of it.</summary>
    public static string Metadata(string keyType)
    {
        var columns = new JsonObject { ["id"] = new JsonObject { ["type"] = keyType, ["primary_key"] = true } };
        foreach (var (column, type, _) in Columns)
        {
            columns[column] = new JsonObject { ["type"] = type, ["nullable"] = true };
        }

        columns["doubled"] = new JsonObject { ["type"] = "INTEGER", ["generated"] = "c1 / 2 - 1" };
        columns["origin"] = new JsonObject { ["type"] = "TEXT", ["default"] = "the server's", ["generator"] = "default" };
        columns["made_at"] = new JsonObject { ["type"] = "TIMESTAMPTZ", ["default"] = new JsonObject { ["sql"] = "now()" }, ["nullable"] = false };
        var child = new JsonObject
        {
            ["id"] = new JsonObject { ["type"] = "BIGINT", ["primary_key"] = true, ["identity"] = "always" },
            ["parent"] = new JsonObject
            {
                ["type"] = keyType.Replace("SERIAL", "", StringComparison.Ordinal) switch { "SMALL" => "SMALLINT", "BIG" => "BIGINT", "" => "INTEGER", _ => keyType },
                ["foreign_key"] = new JsonObject { ["table"] = "everything", ["column"] = "id" },
            },
        };
        return new JsonObject
        {
            ["$types"] = JsonNode.Parse("""
                {"tags": {"domain": "TEXT[]"}, "mood": {"enum": ["sad", "so, so", "\"q\""]},
                 "moods": {"domain": "mood"},
                 "positive": {"domain": "INTEGER", "check": "VALUE >= 0", "nullable": true},
                 "code": {"domain": "VARCHAR(6)", "check": "VALUE ~ '^[A-Z]{2,6}$'"},
                 "odd": {"domain": "positive", "check": "VALUE IN (1, 3, 5, 7)"},
                 "label": {"domain": "VARCHAR(40)", "check": ["length(VALUE) > 0", "length(VALUE) <= 40"]}}
                """),
            ["everything"] = new JsonObject { ["columns"] = columns },
            ["child"] = new JsonObject { ["columns"] = child },
        }.ToJsonString(new JsonSerializerOptions { WriteIndented = true });
    }
}
