using System.Globalization;
using System.Text.Json.Nodes;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Metadata of tables with random columns of every type.</summary>
internal static class RandomColumns
{
    private const int Columns = 20;

    public static string Metadata(Random random, int tables)
    {
        var (precision, scale) = Digits(random, 20);
        var document = new JsonObject
        {
            ["$types"] = JsonNode.Parse($$$"""
                {"mood": {"enum": ["sad", "so, so", "{\"q\"}"]}, "moods": {"domain": "mood", "check": "VALUE <> 'sad'"},
                 "positive": {"domain": "INTEGER", "check": "VALUE > 0"}, "code": {"domain": "VARCHAR(6)", "check": "VALUE ~ '^[A-Z]{2,6}$'"},
                 "odd": {"domain": "positive", "check": "VALUE IN (1, 3, 5, 7)"}, "share": {"domain": "NUMERIC({{{precision}}},{{{scale}}})", "check": "VALUE BETWEEN 0 AND 1"},
                 "label": {"domain": "TEXT", "check": "length(VALUE) BETWEEN 3 AND 9"}, "tags": {"domain": "code[]"} }
                """),
        };
        for (var table = 0; table < tables; table++)
        {
            var columns = new JsonObject { ["id"] = new JsonObject { ["type"] = "UUID", ["primary_key"] = true } };
            for (var column = 0; column < Columns; column++)
            {
                columns[$"c{column}"] = Column(random);
            }

            document[$"t{table}"] = new JsonObject { ["columns"] = columns };
        }

        return document.ToJsonString();
    }

    private static JsonObject Column(Random random)
    {
        var type = Type(random);
        var column = new JsonObject { ["type"] = random.Next(4) == 0 && type != "tags" ? $"{type}[]" : type };
        if (random.Next(3) == 0)
        {
            column["nullable"] = true;
            column["null_ratio"] = 0.3;
        }

        if (random.Next(3) == 0 && column["type"]!.ToString() is "SMALLINT" or "INTEGER" or "BIGINT" or "NUMERIC" or "REAL" or "DOUBLE PRECISION")
        {
            var low = random.Next(-1000, 1000);
            column["min"] = low;
            column["max"] = low + random.Next(500);
        }

        return column;
    }

    private static string Type(Random random)
    {
        var (precision, scale) = Digits(random, 60);
        string[] types =
        [
            "SMALLINT", "INTEGER", "BIGINT", "NUMERIC", Invariant($"NUMERIC({precision},{scale})"), Invariant($"NUMERIC({precision})"), "REAL", "DOUBLE PRECISION",
            "BOOLEAN", Invariant($"CHAR({random.Next(1, 30)})"), "BPCHAR", Invariant($"VARCHAR({random.Next(1, 30)})"), "TEXT", "UUID", "DATE", "TIME",
            Invariant($"TIME({random.Next(7)})"), Invariant($"TIMESTAMP({random.Next(7)})"), "TIMESTAMP", Invariant($"TIMESTAMPTZ({random.Next(7)})"), "TIMESTAMPTZ",
            "INTERVAL", "BYTEA", "JSON", "JSONB", "INET", "CIDR", "MACADDR", "mood", "moods", "positive", "code", "odd", "share", "label", "tags",
        ];
        return types[random.Next(types.Length)];
    }

    /// <summary>A precision, and a scale up to it.</summary>
    private static (int Precision, int Scale) Digits(Random random, int most)
    {
        var precision = random.Next(1, most + 1);
        return (precision, random.Next(precision + 1));
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
