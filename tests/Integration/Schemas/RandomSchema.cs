using System.Globalization;
using System.Text;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>DDL of a schema that a seed makes: keys, types, CHECKs, cycles, partial and expression indexes of many mixes.</summary>
internal sealed class RandomSchema
{
    private static readonly string[] Types =
    [
        "int", "bigint", "smallint", "numeric", "numeric(8,2)", "real", "double precision", "text", "varchar(40)", "varchar(9)", "char(3)", "boolean", "date",
        "timestamp", "timestamptz", "time", "timetz", "interval", "uuid", "bytea", "json", "jsonb", "inet", "cidr", "macaddr", "macaddr8", "money", "bit(5)",
        "varbit(9)", "xml", "tsvector", "point", "box", "circle", "int4range", "daterange", "tstzrange", "nummultirange", "text[]", "int[]", "daterange[]",
        "colour", "positive", "word", "pair", "name", "oid",
    ];

    private static readonly string[] Names =
    [
        "name", "title", "email", "code", "amount", "price", "quantity", "status", "created_at", "updated_at", "deleted_at", "note", "url", "city", "rank",
        "min_price", "max_price", "valid_from", "valid_until", "hash", "data", "kind", "size", "version", "slug", "value", "position", "label",
    ];

    private static readonly HashSet<string> Comparable =
    [
        "int", "bigint", "smallint", "numeric", "numeric(8,2)", "text", "varchar(40)", "varchar(9)", "date", "timestamp", "timestamptz", "uuid", "bytea", "inet",
        "macaddr", "macaddr8", "colour", "positive", "word", "money", "bit(5)", "int4range", "name",
    ];

    private readonly Random _random;
    private readonly List<Table> _tables = [];

    private RandomSchema(int seed) => _random = new Random(seed);

    /// <summary>The statements, whose names are those of a schema that is in the search path.</summary>
    public static string Of(int seed)
    {
        var schema = new RandomSchema(seed);
        var sql = new StringBuilder("""
            CREATE TYPE colour AS ENUM ('red', 'green', 'blue', 'grey');
            CREATE DOMAIN positive AS int CHECK (VALUE > 0);
            CREATE DOMAIN word AS varchar(30) CHECK (char_length(VALUE) >= 3);
            CREATE TYPE pair AS (a int, b text, c date);

            """);
        var count = schema._random.Next(2, 7);
        for (var index = 0; index < count; index++)
        {
            schema.AddTable(sql, index);
        }

        schema.AddLateKeys(sql);
        return sql.ToString();
    }

    private bool Chance(int percent) => _random.Next(100) < percent;

    private T Pick<T>(IReadOnlyList<T> items) => items[_random.Next(items.Count)];

    private void AddTable(StringBuilder sql, int index)
    {
        var table = new Table($"t{index}");
        var lines = new List<string>();
        AddKey(table, lines);
        foreach (var name in Names.OrderBy(_ => _random.Next()).Take(_random.Next(2, 8)))
        {
            AddColumn(table, lines, name, name.EndsWith("_at", StringComparison.Ordinal) || name.StartsWith("valid", StringComparison.Ordinal) ? Pick(["timestamptz", "timestamp", "date"]) : Pick(Types));
        }

        for (var number = 0; _tables.Count > 0 && number < _random.Next(3); number++)
        {
            AddReference(table, lines, Pick(_tables), $"ref{number}_id");
        }

        if (Chance(20) && table.Key is not null)
        {
            lines.Add($"parent_id {table.Key.Value.Type} REFERENCES {table.Name} ({table.Key.Value.Name})");
        }

        AddChecks(table, lines);
        sql.Append(CultureInfo.InvariantCulture, $"CREATE TABLE {table.Name} (\n    {string.Join(",\n    ", lines)});\n");
        AddIndexes(table, sql);
        _tables.Add(table);
    }

    private void AddKey(Table table, List<string> lines)
    {
        var parent = _tables.FirstOrDefault(other => other.Key is not null);
        switch (_random.Next(9))
        {
            case 0 or 1:
                lines.Add("id serial PRIMARY KEY");
                table.Key = ("id", "int");
                break;
            case 2:
                lines.Add($"id bigint GENERATED {Pick(["ALWAYS", "BY DEFAULT"])} AS IDENTITY (INCREMENT {Pick(["1", "3", "50"])}) PRIMARY KEY");
                table.Key = ("id", "bigint");
                break;
            case 3:
                lines.Add($"id uuid PRIMARY KEY{(Chance(50) ? " DEFAULT gen_random_uuid()" : "")}");
                table.Key = ("id", "uuid");
                break;
            case 4:
                lines.Add("id int PRIMARY KEY");
                table.Key = ("id", "int");
                break;
            case 5:
                lines.Add("id varchar(12) PRIMARY KEY");
                table.Key = ("id", "varchar(12)");
                break;
            case 6 when parent?.Key is { } key:
                lines.Add($"owner_id {key.Type} NOT NULL REFERENCES {parent.Name} ({key.Name})");
                lines.Add($"part {Pick(["int", "text", "date", "colour", "smallint"])} NOT NULL");
                lines.Add("PRIMARY KEY (owner_id, part)");
                break;
            case 7:
                lines.Add($"a_key {Pick(["int", "text", "date"])} NOT NULL");
                lines.Add($"b_key {Pick(["int", "bytea", "colour", "uuid"])} NOT NULL");
                lines.Add("PRIMARY KEY (a_key, b_key)");
                break;
            default:
                lines.Add("plain text"); // without a key
                break;
        }
    }

    private void AddColumn(Table table, List<string> lines, string name, string type)
    {
        var isUnique = Chance(12) && Comparable.Contains(type);
        var isNullable = Chance(50);
        table.Columns.Add((name, type, isNullable));
        lines.Add($"{name} {type}{(isNullable ? "" : " NOT NULL")}{(isUnique ? " UNIQUE" : "")}{(Chance(10) && type is "int" or "text" ? " DEFAULT '7'" : "")}");
    }

    private void AddReference(Table table, List<string> lines, Table parent, string name)
    {
        if (parent.Key is { } key)
        {
            var deferrable = Chance(20) ? " DEFERRABLE INITIALLY DEFERRED" : "";
            lines.Add($"{name} {key.Type}{(Chance(60) ? " NOT NULL" : "")}{(Chance(10) ? " UNIQUE" : "")} REFERENCES {parent.Name} ({key.Name}){deferrable}");
        }
    }

    private void AddChecks(Table table, List<string> lines)
    {
        foreach (var (name, type, _) in table.Columns.Where(_ => Chance(25)))
        {
            var check = type switch
            {
                "int" or "bigint" or "smallint" or "numeric" or "numeric(8,2)" => Pick([$"{name} > 0", $"{name} BETWEEN 1 AND 90", $"{name} % 2 = 0", $"{name} <> 7", $"{name} IN (1, 2, 3, 5, 8)"]),
                "text" or "varchar(40)" => Pick([$"char_length({name}) > 2", $"{name} ~ '^[a-z]'", $"{name} <> ''", $"lower({name}) = {name}", $"{name} IN ('one', 'two', 'three')", $"{name} ~ '[[:alnum:]]'"]),
                "date" or "timestamptz" or "timestamp" => Pick([$"{name} > '2000-01-01'", $"{name} <= now() + interval '1 day'"]),
                "jsonb" => $"jsonb_typeof({name}) = 'object'",
                "bytea" => $"octet_length({name}) = 20",
                "int4range" or "daterange" => $"NOT isempty({name})",
                _ => "true",
            };
            lines.Add($"CHECK ({check})");
        }

        var nullable = table.Columns.Where(column => column.IsNullable).Select(column => column.Name).ToList();
        if (nullable.Count > 1 && Chance(20))
        {
            lines.Add(Chance(50) ? $"CHECK (({nullable[0]} IS NULL) <> ({nullable[1]} IS NULL))" : $"CHECK (num_nonnulls({nullable[0]}, {nullable[1]}) = 1)");
        }

        foreach (var (low, high) in new[] { ("min_price", "max_price"), ("valid_from", "valid_until"), ("created_at", "updated_at") })
        {
            var (one, other) = (table.Columns.Find(column => column.Name == low), table.Columns.Find(column => column.Name == high));
            if (one.Name is not null && other.Name is not null && one.Type == other.Type && Comparable.Contains(one.Type) && Chance(60))
            {
                lines.Add($"CHECK ({low} {Pick(["<=", "<", "<>"])} {high})");
            }
        }
    }

    private void AddIndexes(Table table, StringBuilder sql)
    {
        var columns = table.Columns.Where(column => Comparable.Contains(column.Type)).ToList();
        if (columns.Count == 0 || !Chance(40))
        {
            return;
        }

        var (name, type, _) = Pick(columns);
        var key = type is "text" or "varchar(40)" && Chance(50) ? $"lower({name})" : name;
        var where = Chance(40) ? $" WHERE {Pick(columns).Name} IS NOT NULL" : "";
        sql.Append(CultureInfo.InvariantCulture, $"CREATE UNIQUE INDEX ON {table.Name} ({key}){where};\n");
    }

    /// <summary>Keys to tables that come later close cycles.</summary>
    private void AddLateKeys(StringBuilder sql)
    {
        if (_tables.Count > 2 && Chance(40) && _tables[^1].Key is { } key)
        {
            var demand = Chance(25) ? " NOT NULL" : "";
            var late = Chance(30) ? " DEFERRABLE" : "";
            sql.Append(CultureInfo.InvariantCulture, $"ALTER TABLE {_tables[0].Name} ADD COLUMN last_id {key.Type}{demand} REFERENCES {_tables[^1].Name} ({key.Name}){late};\n");
        }
    }

    private sealed record Table(string Name)
    {
        public (string Name, string Type)? Key { get; set; }

        public List<(string Name, string Type, bool IsNullable)> Columns { get; } = [];
    }
}
