using StreamingPg.Core.Catalog;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>The statements by which integer keys become bigint.</summary>
internal static class WideKeySql
{
    /// <summary>
    /// Adds the column that takes the place of each, and fills it in every row that is written from now on, also where foreign keys are
    /// verified by set. That the two are equal is a constraint: once it is validated, it is so in every row.
    /// </summary>
    public static IReadOnlyList<string> Prepare(WideTable table)
    {
        var assignments = string.Concat(table.Columns.Select(column => $" NEW.{Identifier.Quote(column.NewName)} := NEW.{Identifier.Quote(column.Name)};"));
        var trigger = Identifier.Quote(WideningNames.Trigger);
        return
        [
            .. table.Columns.Where(column => !column.HasSuccessor).Select(column => $"ALTER TABLE {table.Quoted} ADD COLUMN {Identifier.Quote(column.NewName)} bigint"),
            $"CREATE OR REPLACE FUNCTION {table.Function}() RETURNS trigger LANGUAGE plpgsql AS {Identifier.Literal($" BEGIN{assignments} RETURN NEW; END").TrimStart()}",
            $"DROP TRIGGER IF EXISTS {trigger} ON {table.Quoted}",
            $"CREATE TRIGGER {trigger} BEFORE INSERT OR UPDATE ON {table.Quoted} FOR EACH ROW EXECUTE FUNCTION {table.Function}()",
            $"ALTER TABLE {table.Quoted} ENABLE ALWAYS TRIGGER {trigger}",
            .. table.Columns.Where(column => column.IsEqual is null).Select(column =>
                $"ALTER TABLE {table.Quoted} ADD CONSTRAINT {EqualName(column)} CHECK ({Identifier.Quote(column.Name)} IS NOT DISTINCT FROM {Identifier.Quote(column.NewName)}) NOT VALID"),
            .. table.Columns.Where(column => column is { IsNotNull: true, IsFilled: null }).Select(column =>
                $"ALTER TABLE {table.Quoted} ADD CONSTRAINT {FilledName(column)} CHECK ({Identifier.Quote(column.NewName)} IS NOT NULL) NOT VALID"),
        ];
    }

    /// <summary>Fills the rows of some pages, from <c>$1</c> to before <c>$2</c>, that were there before.</summary>
    public static string Fill(WideTable table) =>
        $"UPDATE {table.Quoted} SET {string.Join(", ", table.Columns.Select(column => $"{Identifier.Quote(column.NewName)} = {Identifier.Quote(column.Name)}"))} "
        + $"WHERE ctid >= $1::text::tid AND ctid < $2::text::tid AND ({string.Join(" OR ", table.Columns.Select(column => $"{Identifier.Quote(column.NewName)} IS DISTINCT FROM {Identifier.Quote(column.Name)}"))})";

    /// <summary>Verifies that all rows are filled, while others write, and takes note of the values.</summary>
    public static IReadOnlyList<string> Verify(WideTable table) =>
    [
        .. table.Columns.Select(column => $"ALTER TABLE {table.Quoted} VALIDATE CONSTRAINT {EqualName(column)}"),
        .. table.Columns.Where(column => column.IsNotNull).Select(column => $"ALTER TABLE {table.Quoted} VALIDATE CONSTRAINT {FilledName(column)}"),
        $"ANALYZE {table.Quoted}",
    ];

    /// <summary>Builds an index over the new columns, while others write; one that was left unfinished goes first.</summary>
    public static IReadOnlyList<string> Build(WideKeys keys, WideIndex index)
    {
        var table = keys.Tables.First(table => table.Oid == index.Relation);
        var columns = index.Numbers.Select((number, place) =>
            (number == 0 || keys.NewName(index.Relation, number, "") is not { Length: > 0 } name ? index.Names[place] : Identifier.Quote(name)) + index.Options[place]).ToList();
        var included = index.KeyColumns < columns.Count ? $" INCLUDE ({string.Join(", ", columns.Skip(index.KeyColumns))})" : "";
        var create = $"CREATE {(index.IsUnique ? "UNIQUE " : "")}INDEX CONCURRENTLY {Identifier.Quote(index.NewName)} ON {table.Quoted} USING {Identifier.Quote(index.Method)} "
            + $"({string.Join(", ", columns.Take(index.KeyColumns))}){included}{index.Tail}";
        return index.HasSuccessor is null ? [create] : [$"DROP INDEX CONCURRENTLY {Identifier.Quote(index.Schema, index.NewName)}", create];
    }

    /// <summary>Adds a foreign key between the new columns; new rows are checked from then on.</summary>
    public static string AddKey(WideKeys keys, WideForeignKey key) =>
        $"ALTER TABLE {key.Quoted} ADD CONSTRAINT {Identifier.Quote(key.NewName)} FOREIGN KEY ({List(keys, key.Child, key.Columns)}) "
        + $"REFERENCES {key.QuotedParent} ({List(keys, key.Parent, key.ParentColumns)}){key.Match}{key.OnUpdate}{key.OnDelete}"
        + $"{(key.SetColumns.Count > 0 ? $" ({List(keys, key.Child, key.SetColumns)})" : "")}{key.Deferral} NOT VALID";

    /// <summary>Verifies the rows from before, while others write.</summary>
    public static string ValidateKey(WideForeignKey key) => $"ALTER TABLE {key.Quoted} VALIDATE CONSTRAINT {Identifier.Quote(key.NewName)}";

    /// <summary>
    /// Keeps everybody out of the tables. The ledger comes first: each batch and import claims its row there before anything else and
    /// finds out only then what the tables are, so none is between the two now.
    /// </summary>
    public static IReadOnlyList<string> Lock(WideKeys keys, string schema, bool hasLedger) =>
    [
        .. hasLedger ? (string[])[$"LOCK TABLE {Identifier.Quote(schema, LedgerTable.Name)} IN SHARE ROW EXCLUSIVE MODE"] : [],
        $"LOCK TABLE {string.Join(", ", keys.Tables.Select(table => table.Quoted))} IN ACCESS EXCLUSIVE MODE",
    ];

    /// <summary>Puts the new columns in the place of the old ones: names, keys, indexes, sequences, rights and comments.</summary>
    public static IReadOnlyList<string> Swap(WideKeys keys) =>
    [
        .. keys.Tables.Select(table => $"DROP TRIGGER {Identifier.Quote(WideningNames.Trigger)} ON {table.Quoted}"),
        .. keys.Tables.Select(table => $"DROP FUNCTION {table.Function}()"),
        .. keys.ForeignKeys.Select(key => $"ALTER TABLE {key.Quoted} DROP CONSTRAINT {Identifier.Quote(key.Name)}"),
        .. keys.Indexes.Select(index => index.Constraint is null
            ? $"DROP INDEX {Identifier.Quote(index.Schema, index.Name)}"
            : $"ALTER TABLE {Identifier.Quote(index.Schema, index.Table)} DROP CONSTRAINT {Identifier.Quote(index.Constraint)}"),
        .. keys.Tables.SelectMany(table => table.Columns.SelectMany(column => Swap(table, column))),
        .. keys.Indexes.SelectMany(Rename),
        .. keys.ForeignKeys.SelectMany(Rename),
    ];

    private static IEnumerable<string> Swap(WideTable table, WideColumn column)
    {
        var (alter, old, now) = ($"ALTER TABLE {table.Quoted}", Identifier.Quote(column.Name), Identifier.Quote(column.NewName));
        if (column.IsNotNull)
        {
            yield return $"{alter} ALTER COLUMN {now} SET NOT NULL"; // the validated constraint spares the server a look at the rows
            yield return $"{alter} DROP CONSTRAINT {FilledName(column)}";
        }

        yield return $"{alter} DROP CONSTRAINT {EqualName(column)}";
        if (column.Identity.Length > 0)
        {
            // Its sequence goes with the identity: the new one goes on where it stood.
            yield return $"SELECT set_config('streamingpg.last_value', last_value::text, true), set_config('streamingpg.is_called', is_called::text, true) FROM {column.Sequence}";
            yield return $"{alter} ALTER COLUMN {old} DROP IDENTITY";
            yield return $"{alter} ALTER COLUMN {now} ADD GENERATED {(column.Identity == "a" ? "ALWAYS" : "BY DEFAULT")} AS IDENTITY ({column.SequenceOptions})";
            yield return $"SELECT setval({Identifier.Literal(column.Sequence!).TrimStart()}, current_setting('streamingpg.last_value')::bigint, current_setting('streamingpg.is_called')::boolean)";
        }
        else if (column.Sequence is not null)
        {
            yield return $"ALTER SEQUENCE {column.Sequence} AS bigint{(column.OwnsSequence ? $" OWNED BY {table.Quoted}.{now}" : "")}";
        }

        if (column.Default is not null)
        {
            yield return $"{alter} ALTER COLUMN {now} SET DEFAULT {column.Default}";
        }

        yield return $"{alter} DROP COLUMN {old}";
        yield return $"{alter} RENAME COLUMN {now} TO {old}";
        if (column.NotNullName is { } notNull)
        {
            yield return $"DO {Identifier.Literal(RenameNotNull(table, column.Name, notNull)).TrimStart()}";
        }

        foreach (var setting in column.Settings)
        {
            yield return $"{alter} ALTER COLUMN {old} {setting}";
        }

        if (column.Comment is { } comment)
        {
            yield return $"COMMENT ON COLUMN {table.Quoted}.{old} IS {Identifier.Literal(comment)}";
        }

        foreach (var grant in column.Grants)
        {
            yield return grant;
        }
    }

    /// <summary>The server chose the name.</summary>
    private static string RenameNotNull(WideTable table, string column, string name) =>
        $"""
        BEGIN EXECUTE (SELECT format('ALTER TABLE %s RENAME CONSTRAINT %I TO %I', k.conrelid::regclass, k.conname, {Identifier.Literal(name)})
            FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND k.conkey = ARRAY[a.attnum]
            WHERE k.contype = 'n' AND k.conrelid = {Identifier.Literal(table.Quoted)}::regclass AND a.attname = {Identifier.Literal(column)}); END
        """;

    private static IEnumerable<string> Rename(WideIndex index)
    {
        var table = Identifier.Quote(index.Schema, index.Table);
        yield return index.Constraint is { } constraint
            ? $"ALTER TABLE {table} ADD CONSTRAINT {Identifier.Quote(constraint)} {(index.IsPrimaryKey ? "PRIMARY KEY" : "UNIQUE")} USING INDEX {Identifier.Quote(index.NewName)}"
            : $"ALTER INDEX {Identifier.Quote(index.Schema, index.NewName)} RENAME TO {Identifier.Quote(index.Name)}";
        if (index.Comment is { } comment)
        {
            yield return index.Constraint is null
                ? $"COMMENT ON INDEX {Identifier.Quote(index.Schema, index.Name)} IS {Identifier.Literal(comment)}"
                : $"COMMENT ON CONSTRAINT {Identifier.Quote(index.Constraint)} ON {table} IS {Identifier.Literal(comment)}";
        }

        if (index.IsReplicaIdentity)
        {
            yield return $"ALTER TABLE {table} REPLICA IDENTITY USING INDEX {Identifier.Quote(index.Name)}";
        }

        if (index.IsClustered)
        {
            yield return $"ALTER TABLE {table} CLUSTER ON {Identifier.Quote(index.Name)}";
        }
    }

    private static IEnumerable<string> Rename(WideForeignKey key)
    {
        yield return $"ALTER TABLE {key.Quoted} RENAME CONSTRAINT {Identifier.Quote(key.NewName)} TO {Identifier.Quote(key.Name)}";
        if (key.Comment is { } comment)
        {
            yield return $"COMMENT ON CONSTRAINT {Identifier.Quote(key.Name)} ON {key.Quoted} IS {Identifier.Literal(comment)}";
        }
    }

    private static string List(WideKeys keys, long relation, IEnumerable<(short Number, string Name)> columns) =>
        Identifier.QuoteList(columns.Select(column => keys.NewName(relation, column.Number, column.Name)));

    private static string EqualName(WideColumn column) => Identifier.Quote(FormattableString.Invariant($"{WideningNames.Prefix}equal_{column.Number}"));

    private static string FilledName(WideColumn column) => Identifier.Quote(FormattableString.Invariant($"{WideningNames.Prefix}filled_{column.Number}"));
}
