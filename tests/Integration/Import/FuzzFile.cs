using System.Globalization;
using System.Text;
using System.Text.Json;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Files that begin as good ones and are damaged: values, structure and bytes.</summary>
internal static class FuzzFile
{
    public const string Metadata =
        """
        { "$types": { "mood": { "enum": ["sad", "ok"] } },
          "p": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "at": { "type": "TIMESTAMP", "min": "2020-01-01" } } },
          "t": { "columns": { "k": { "type": "BIGINT", "identity": "always", "primary_key": true },
            "n": { "type": "INTEGER", "nullable": true, "min": 1, "max": 99 }, "big": { "type": "BIGINT", "nullable": true }, "num": { "type": "NUMERIC(12,2)", "nullable": true },
            "any": { "type": "NUMERIC", "nullable": true }, "dp": { "type": "DOUBLE PRECISION", "nullable": true }, "re": { "type": "REAL", "nullable": true },
            "ok": { "type": "BOOLEAN", "nullable": true }, "d": { "type": "DATE", "nullable": true }, "ti": { "type": "TIME", "nullable": true },
            "ts": { "type": "TIMESTAMP", "nullable": true }, "tz": { "type": "TIMESTAMPTZ", "nullable": true }, "txt": { "type": "TEXT", "nullable": true },
            "vc": { "type": "VARCHAR(10)", "nullable": true }, "u": { "type": "UUID", "nullable": true }, "iv": { "type": "INTERVAL", "nullable": true },
            "by": { "type": "BYTEA", "nullable": true }, "js": { "type": "JSONB", "nullable": true }, "ip": { "type": "INET", "nullable": true },
            "arr": { "type": "INTEGER[]", "nullable": true }, "txts": { "type": "TEXT[]", "nullable": true }, "m": { "type": "mood", "nullable": true } } } }
        """;

    /// <summary>The columns of the table, and good values of each.</summary>
    public static readonly (string Column, string[] Values)[] Columns =
    [
        ("n", ["0", "-2147483648", "2147483647", "42"]), ("big", ["9223372036854775807", "-1"]), ("num", ["12.34", "-0.01", "9999999999.99"]),
        ("any", ["1e40", "0.00012345678901234567890123456789", "NaN", "-Infinity"]), ("dp", ["0.1", "1e-300", "NaN", "-Infinity"]),
        ("re", ["0.1", "3.4028235e+38"]), ("ok", ["true", "f", "1"]), ("d", ["2026-01-31", "0753-04-21 BC", "infinity", "5874897-12-31"]),
        ("ti", ["23:59:59.999999", "24:00:00", "00:00"]), ("ts", ["2026-01-31 12:00:00.123456", "0044-03-15 12:00:00 BC", "-infinity"]),
        ("tz", ["2026-01-31 12:00:00+05:30", "2026-01-31T12:00:00Z", "infinity"]), ("txt", ["", "a,b\"c\"", "é😀\r\nx", "\\N", "NULL", "\\."]),
        ("vc", ["0123456789", "é", " "]), ("u", ["00112233-4455-6677-8899-aabbccddeeff"]), ("iv", ["1 year 2 mons 3 days 04:05:06.789", "PT0S", "-00:00:01"]),
        ("by", ["\\xdeadbeef00", "\\x"]), ("js", ["{\"a\": [1, null, \"é\"]}", "12.50", "\"x\""]), ("ip", ["10.1.2.3/8", "::1"]),
        ("arr", ["{1,NULL,3}", "{{1,2},{3,4}}", "{}"]), ("txts", ["{a,\"b c\",NULL}", "{\"\"}"]), ("m", ["sad", "ok"]),
    ];

    private const string Structure = ",\"\n\r;{}[]:\\ 0-";

    private static readonly string[] Nasty =
    [
        "03.04.2026", "1.5", "10:30", "12/5", "May 5", "4/3/2026", "1,5", "1_000", "0x1F", "1e3", "5.0", "٣", "--1", "+", "-", ".", "1e400", "1e-400",
        "16777217.5", "99999999999.999", "1.005", "NaN", "nan", "inf", "Infinity", "-infinity", "today", "now", "epoch", "allballs", "24:00:01",
        "23:59:60", "12:30:00.1234567", "2026-02-30", "20260131", "2026-01-31T24:00:00", "2026-01-31 12:00:00+02", "2026-01-31 12:00 PM",
        "10000-01-01", "0000-01-01", "4714-01-01 BC", "6", "1 day", "P1D", "1-2", "@ 3 days ago", "null", "NULL", "\\N", "\0", "\u00A0", "\uFEFF",
        "{1,2", "{1,\"\"}", "{{1},{2,3}}", "[1,2]", "[0:1]={1,2}", "{\"a\":1", "{\"a\":1,\"a\":2}", "\\xABC", "abc", "\\\\x41", "10.1.2.3/99", "010.1.1.1",
        "tru", "yes", "2", "00112233445566778899aabbccddeeff", "{00112233-4455-6677-8899-aabbccddeeff}", "😀😀😀😀😀😀😀😀😀😀😀", "SAD", " 42 ", " ",
    ];

    /// <summary>A CSV file of a few rows, most with damage.</summary>
    public static byte[] Csv(Random random)
    {
        var header = string.Join(',', Columns.Select(column => column.Column)) + "\n";
        var text = new StringBuilder(header);
        for (var row = random.Next(1, 4); row > 0; row--)
        {
            text.AppendJoin(',', Row(random).Select(value => CsvField(value, random))).Append('\n');
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return random.Next(2) == 0 ? bytes : Damage(bytes, random, header.Length);
    }

    /// <summary>JSON lines of a few rows, most with damage.</summary>
    public static byte[] Json(Random random)
    {
        var text = new StringBuilder();
        for (var row = random.Next(1, 4); row > 0; row--)
        {
            var values = Row(random);
            text.Append('{').AppendJoin(", ", Columns.Select((column, index) => $"\"{column.Column}\": {JsonValue(values[index], random)}")).Append("}\n");
        }

        var bytes = Encoding.UTF8.GetBytes(text.ToString());
        return random.Next(2) == 0 ? bytes : Damage(bytes, random, from: 0);
    }

    /// <summary>Changes, takes out, repeats or inserts some bytes, or cuts the rest off.</summary>
    public static byte[] Damage(byte[] bytes, Random random, int from)
    {
        var damaged = bytes.ToList();
        for (var times = random.Next(1, 4); times > 0 && damaged.Count > from + 2; times--)
        {
            var at = random.Next(from, damaged.Count);
            var length = Math.Min(random.Next(1, 12), damaged.Count - at);
            switch (random.Next(7))
            {
                case 0:
                    damaged[at] = (byte)random.Next(256);
                    break;
                case 1:
                    damaged.RemoveRange(at, length);
                    break;
                case 2:
                    damaged.InsertRange(at, damaged.GetRange(at, length));
                    break;
                case 3:
                    damaged.Insert(at, (byte)Structure[random.Next(Structure.Length)]);
                    break;
                case 4:
                    damaged.InsertRange(at, Encoding.UTF8.GetBytes(Nasty[random.Next(Nasty.Length)]));
                    break;
                case 5:
                    damaged.RemoveRange(at, damaged.Count - at);
                    break;
                default:
                    damaged[at] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        return [.. damaged];
    }

    private static string?[] Row(Random random)
    {
        var row = Columns.Select(column => random.Next(6) == 0 ? null : column.Values[random.Next(column.Values.Length)]).ToArray();
        if (random.Next(3) > 0)
        {
            row[random.Next(row.Length)] = Nasty[random.Next(Nasty.Length)];
        }

        return row;
    }

    private static string CsvField(string? value, Random random) =>
        value is null ? ""
        : value.Length == 0 || value.AsSpan().ContainsAny(",\"\r\n") || random.Next(5) == 0 ? $"\"{value.Replace("\"", "\"\"", StringComparison.Ordinal)}\""
        : value;

    private static string JsonValue(string? value, Random random) =>
        value is null ? "null"
        : random.Next(2) == 0 && double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) && char.IsAsciiDigit(value[0]) && value[^1] != '.'
            ? value
        : JsonSerializer.Serialize(value);
}
