using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Schema;

/// <summary>Reads which integer keys tables have, what refers to them, and how far they are on their way to bigint.</summary>
internal sealed class WideKeyReader
{
    // From the keys of the tables to all columns that foreign keys link to them, in both directions.
    private const string MembersSql =
        $"""
        WITH RECURSIVE pair AS (
            SELECT k.conrelid AS child, u.child_column, k.confrelid AS parent, u.parent_column
            FROM pg_catalog.pg_constraint k CROSS JOIN LATERAL unnest(k.conkey, k.confkey) AS u (child_column, parent_column)
            WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT starts_with(k.conname::text, '{WideningNames.Prefix}')),
        member (relation, number) AS (
            SELECT a.attrelid, a.attnum
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2) AND a.attnum > 0 AND NOT a.attisdropped
              AND a.atttypid IN ('int2'::regtype, 'int4'::regtype, 'int8'::regtype) AND NOT starts_with(a.attname::text, '{WideningNames.Prefix}')
              AND ({SequenceReader.SequenceOfColumn} IS NOT NULL
                OR EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indrelid = c.oid AND i.indisprimary AND a.attnum = ANY (i.indkey)))
            UNION
            SELECT linked.relation, linked.number
            FROM member m JOIN pair p ON (m.relation, m.number) IN ((p.child, p.child_column), (p.parent, p.parent_column))
            CROSS JOIN LATERAL (VALUES (p.child, p.child_column), (p.parent, p.parent_column)) AS linked (relation, number))
        """;

    private const string ColumnsSql =
        $"""
        {MembersSql}
        SELECT c.oid::bigint, n.nspname::text, c.relname::text, a.attnum, a.attname::text, format_type(a.atttypid, NULL), a.attnotnull,
               EXISTS (SELECT FROM pg_catalog.pg_attribute w WHERE w.attrelid = c.oid AND w.attname = '{WideningNames.Prefix}' || a.attnum AND NOT w.attisdropped),
               (SELECT k.convalidated FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conname = '{WideningNames.Prefix}equal_' || a.attnum),
               (SELECT k.convalidated FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.conname = '{WideningNames.Prefix}filled_' || a.attnum),
               a.attidentity::text, pg_get_expr(f.adbin, f.adrelid), quote_ident(qn.nspname) || '.' || quote_ident(q.relname),
               EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = q.oid
                         AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = c.oid AND d.refobjsubid = a.attnum AND d.deptype = 'a'),
               CASE WHEN q.oid IS NOT NULL THEN format('SEQUENCE NAME %I.%I START WITH %s INCREMENT BY %s%s%s CACHE %s%s', qn.nspname, q.relname, s.seqstart, s.seqincrement,
                      CASE WHEN s.seqmin = CASE WHEN s.seqincrement > 0 THEN 1 WHEN s.seqtypid = 'int2'::regtype THEN -32768 ELSE -2147483648 END THEN '' ELSE format(' MINVALUE %s', s.seqmin) END,
                      CASE WHEN s.seqmax = CASE WHEN s.seqincrement < 0 THEN -1 WHEN s.seqtypid = 'int2'::regtype THEN 32767 ELSE 2147483647 END THEN '' ELSE format(' MAXVALUE %s', s.seqmax) END,
                      s.seqcache, CASE WHEN s.seqcycle THEN ' CYCLE' ELSE '' END) END,
               col_description(c.oid, a.attnum), coalesce(a.attstattarget, -1)::int, array_to_string(a.attoptions, ', '),
               ARRAY(SELECT format('GRANT %s (%I) ON %I.%I TO %s%s', x.privilege_type, a.attname, n.nspname, c.relname,
                                   CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                     FROM aclexplode(a.attacl) x)
               || CASE WHEN a.attidentity = '' THEN ARRAY[]::text[] ELSE
                  ARRAY(SELECT format('GRANT %s ON SEQUENCE %I.%I TO %s%s', x.privilege_type, qn.nspname, q.relname,
                                      CASE x.grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(x.grantee)) END, CASE WHEN x.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
                        FROM aclexplode(q.relacl) x WHERE x.grantee <> q.relowner) END,
               (SELECT k.conname::text FROM pg_catalog.pg_constraint k WHERE k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]),
               CASE WHEN c.relkind = 'p' OR c.relispartition THEN ARRAY['it is partitioned', 'Copy the rows of a partitioned table into a new one that has bigint keys.']
                    WHEN c.relkind <> 'r' THEN ARRAY['it is not a table', 'Drop its foreign key, run the command, and create it again.']
                    WHEN EXISTS (SELECT FROM pg_catalog.pg_inherits h WHERE c.oid IN (h.inhrelid, h.inhparent))
                    THEN ARRAY['other tables inherit from it, or it from them', 'End the inheritance (ALTER TABLE ... NO INHERIT), run the command, and begin it again.']
                    WHEN EXISTS (SELECT FROM pg_catalog.pg_rewrite w WHERE w.ev_class = c.oid) THEN ARRAY['it has rules', 'Drop the rules, run the command, and create them again.']
                    WHEN EXISTS (SELECT FROM pg_catalog.pg_publication_tables p WHERE p.schemaname = n.nspname AND p.tablename = c.relname)
                    THEN ARRAY['it is in a publication, whose subscribers would get columns that they do not have', 'Take the table out of the publication, run the command, and add it again.']
                    WHEN a.attgenerated <> ''
                    THEN ARRAY[format('column "%s" is generated', a.attname), 'Change a generated column by ALTER COLUMN ... TYPE bigint, which locks and rewrites the table.'] END,
               EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND g.tgname = '{WideningNames.Trigger}'),
               EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname <> '{WideningNames.Trigger}' AND g.tgenabled = 'O' AND g.tgtype & 16 = 16),
               (SELECT min(format('trigger "%s" is enabled %s', g.tgname, CASE g.tgenabled WHEN 'A' THEN 'ALWAYS' ELSE 'REPLICA' END)) FROM pg_catalog.pg_trigger g
                WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname <> '{WideningNames.Trigger}' AND g.tgtype & 16 = 16 AND (g.tgenabled = 'A' OR (g.tgenabled = 'R' AND EXISTS (
                    SELECT FROM pg_catalog.pg_trigger o WHERE o.tgrelid = c.oid AND NOT o.tgisinternal AND o.tgname <> '{WideningNames.Trigger}' AND o.tgenabled = 'O' AND o.tgtype & 16 = 16)))),
               pg_relation_size(c.oid) / current_setting('block_size')::bigint
        FROM member m
        JOIN pg_catalog.pg_attribute a ON a.attrelid = m.relation AND a.attnum = m.number AND a.atttypid IN ('int2'::regtype, 'int4'::regtype)
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
        LEFT JOIN pg_catalog.pg_class q ON q.oid = {SequenceReader.SequenceOfColumn}
        LEFT JOIN pg_catalog.pg_namespace qn ON qn.oid = q.relnamespace
        LEFT JOIN pg_catalog.pg_sequence s ON s.seqrelid = q.oid
        ORDER BY c.oid, a.attnum
        """;

    private const string Members = "unnest($1::bigint[], $2::smallint[]) AS m (relation, number)";

    private const string IndexesSql =
        $"""
        SELECT x.oid::bigint, n.nspname::text, x.relname::text, i.indrelid::bigint, c.relname::text, k.conname::text, coalesce(k.contype::text, ''), i.indisunique,
               am.amname::text, i.indkey::int2[], i.indnkeyatts::int,
               ARRAY(SELECT pg_get_indexdef(x.oid, place + 1, true) FROM generate_series(0, i.indnatts - 1) place ORDER BY place),
               ARRAY(SELECT CASE WHEN place >= i.indnkeyatts THEN '' ELSE
                       (SELECT CASE WHEN i.indcollation[place] IN (0, a.attcollation) THEN '' ELSE format(' COLLATE %I.%I', cn.nspname, co.collname) END
                        FROM pg_catalog.pg_attribute a LEFT JOIN pg_catalog.pg_collation co ON co.oid = i.indcollation[place] LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                        WHERE a.attrelid = i.indrelid AND a.attnum = i.indkey[place])
                       || (SELECT CASE WHEN o.opcdefault THEN '' ELSE format(' %I.%I', opn.nspname, o.opcname) END
                           FROM pg_catalog.pg_opclass o JOIN pg_catalog.pg_namespace opn ON opn.oid = o.opcnamespace WHERE o.oid = i.indclass[place])
                       || CASE WHEN i.indoption[place] & 1 = 1 THEN ' DESC' ELSE '' END
                       || CASE i.indoption[place] & 3 WHEN 1 THEN ' NULLS LAST' WHEN 2 THEN ' NULLS FIRST' ELSE '' END END
                     FROM generate_series(0, i.indnatts - 1) place ORDER BY place),
               CASE WHEN (to_jsonb(i) ->> 'indnullsnotdistinct')::boolean THEN ' NULLS NOT DISTINCT' ELSE '' END
               || coalesce(' WITH (' || array_to_string(x.reloptions, ', ') || ')', '') || coalesce(' TABLESPACE ' || quote_ident(ts.spcname), ''),
               coalesce(obj_description(k.oid, 'pg_constraint'), obj_description(x.oid, 'pg_class')), i.indisreplident, i.indisclustered,
               (SELECT w.indisvalid FROM pg_catalog.pg_index w JOIN pg_catalog.pg_class wx ON wx.oid = w.indexrelid
                WHERE wx.relnamespace = x.relnamespace AND wx.relname = '{WideningNames.Prefix}' || x.oid),
               CASE WHEN k.contype = 'x' THEN 'it is an exclusion constraint' WHEN i.indexprs IS NOT NULL OR i.indpred IS NOT NULL THEN 'it has an expression or a condition'
                    WHEN k.condeferrable THEN 'its constraint is deferrable, and the copy would be enforced at once' WHEN NOT i.indisvalid THEN 'it is not valid' END
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = x.relnamespace
        JOIN pg_catalog.pg_am am ON am.oid = x.relam
        LEFT JOIN pg_catalog.pg_tablespace ts ON ts.oid = x.reltablespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = x.oid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
        WHERE NOT starts_with(x.relname::text, '{WideningNames.Prefix}') AND EXISTS (
            SELECT FROM {Members} WHERE m.relation = i.indrelid AND (m.number = ANY (i.indkey) OR EXISTS (
                SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = x.oid
                  AND d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.indrelid AND d.refobjsubid = m.number)))
        ORDER BY x.oid
        """;

    private const string ForeignKeysSql =
        $"""
        SELECT k.oid::bigint, k.conname::text, n.nspname::text, c.relname::text, k.conrelid::bigint, k.confrelid::bigint, format('%I.%I', pn.nspname, p.relname),
               k.conkey, ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
               k.confkey, ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
               ARRAY(SELECT u.number::int2 FROM jsonb_array_elements_text(CASE jsonb_typeof(to_jsonb(k) -> 'confdelsetcols') WHEN 'array' THEN to_jsonb(k) -> 'confdelsetcols' ELSE '[]' END)
                     WITH ORDINALITY u (number, place) ORDER BY u.place),
               CASE k.confmatchtype WHEN 'f' THEN ' MATCH FULL' ELSE '' END, k.confupdtype::text, k.confdeltype::text,
               CASE WHEN k.condeferrable THEN CASE WHEN k.condeferred THEN ' DEFERRABLE INITIALLY DEFERRED' ELSE ' DEFERRABLE' END ELSE '' END,
               obj_description(k.oid, 'pg_constraint'), k.convalidated,
               (SELECT w.convalidated FROM pg_catalog.pg_constraint w WHERE w.conrelid = k.conrelid AND w.conname = '{WideningNames.Prefix}' || k.oid)
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_class p ON p.oid = k.confrelid JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE k.contype = 'f' AND k.conparentid = 0 AND NOT starts_with(k.conname::text, '{WideningNames.Prefix}') AND EXISTS (
            SELECT FROM {Members} WHERE (m.relation = k.conrelid AND m.number = ANY (k.conkey)) OR (m.relation = k.confrelid AND m.number = ANY (k.confkey)))
        ORDER BY k.oid
        """;

    // What goes with the column, or keeps it from going, and is not made anew: views, rules, checks, generated columns, policies, statistics.
    private const string BlockersSql =
        $"""
        SELECT DISTINCT format('"%s"."%s": ', c.relname, a.attname) || CASE WHEN d.classid = 'pg_catalog.pg_rewrite'::regclass
                 THEN (SELECT format('%s "%s"."%s" uses it', CASE v.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'a rule of table' END, vn.nspname, v.relname)
                       FROM pg_catalog.pg_rewrite w JOIN pg_catalog.pg_class v ON v.oid = w.ev_class JOIN pg_catalog.pg_namespace vn ON vn.oid = v.relnamespace WHERE w.oid = d.objid)
                 ELSE pg_describe_object(d.classid, d.objid, d.objsubid) || ' uses it' END
        FROM {Members}
        JOIN pg_catalog.pg_class c ON c.oid = m.relation
        JOIN pg_catalog.pg_attribute a ON a.attrelid = m.relation AND a.attnum = m.number
        JOIN pg_catalog.pg_depend d ON d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = m.relation AND d.refobjsubid = m.number
        LEFT JOIN pg_catalog.pg_constraint k ON d.classid = 'pg_catalog.pg_constraint'::regclass AND k.oid = d.objid
        LEFT JOIN pg_catalog.pg_attrdef f ON d.classid = 'pg_catalog.pg_attrdef'::regclass AND f.oid = d.objid
        LEFT JOIN pg_catalog.pg_class r ON d.classid = 'pg_catalog.pg_class'::regclass AND r.oid = d.objid
        WHERE NOT coalesce(k.contype IN ('p', 'u', 'f', 'n', 'x') OR starts_with(k.conname::text, '{WideningNames.Prefix}'), false)
          AND NOT coalesce(f.adrelid = m.relation AND f.adnum = m.number, false) AND NOT coalesce(r.relkind IN ('S', 'i'), false)
        ORDER BY 1
        """;

    private readonly Dictionary<long, WideTable> _tables = [];
    private readonly List<WideColumn> _columns = [];
    private readonly List<WideIndex> _indexes = [];
    private readonly List<WideForeignKey> _keys = [];
    private readonly SortedDictionary<string, string> _blockers = new(StringComparer.Ordinal);
    private bool _maySkipTriggers;

    private WideKeyReader()
    {
    }

    /// <summary>Reads the keys of tables.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="tables">Their names.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static Task<WideKeys> ReadAsync(NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken) =>
        new WideKeyReader().ReadOpenAsync(open, schema, tables, cancellationToken);

    private async Task<WideKeys> ReadOpenAsync(NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Query(SessionSettings.MaySetReplicationRole(open.PostgreSqlVersion), row => _maySkipTriggers = row.GetBoolean(0));
        commands.Query(ColumnsSql, ReadColumn, Parameter.Of(schema), Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (_columns.Count > 0)
        {
            NpgsqlParameter[] Members() =>
                [Parameter.Of(_columns.Select(column => column.Relation).ToArray()), Parameter.Of(_columns.Select(column => column.Number).ToArray())];
            commands = new CommandBatch(open);
            commands.Query(IndexesSql, ReadIndex, Members());
            commands.Query(ForeignKeysSql, ReadForeignKey, Members());
            commands.Query(BlockersSql, row => Block(row.GetString(0), "Drop what uses the column, run the command, and create it again."), Members());
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return new WideKeys(
            [
                .. _tables.Values.Select(table => table with { Columns = [.. _columns.Where(column => column.Relation == table.Oid)] })
                    .Select(table => table with { IsPrepared = table.IsPrepared && table.Columns.All(column => column.HasSuccessor && column.IsEqual is not null) }),
            ],
            _indexes,
            _keys,
            [.. _blockers.Select(blocker => new WideBlocker(blocker.Key, blocker.Value))]);
    }

    private void ReadColumn(NpgsqlDataReader row)
    {
        var (oid, schema, table) = (row.GetInt64(0), row.GetString(1), row.GetString(2));
        var identity = row.GetString(10);
        _tables.TryAdd(oid, new WideTable(oid, schema, table, row.GetInt64(24), []) { IsPrepared = row.GetBoolean(21), HasUpdateTriggers = row.GetBoolean(22) });
        var column = new WideColumn(oid, row.GetInt16(3), row.GetString(4), row.GetString(5))
        {
            IsNotNull = row.GetBoolean(6),
            HasSuccessor = row.GetBoolean(7),
            IsEqual = row.IsDBNull(8) ? null : row.GetBoolean(8),
            IsFilled = row.IsDBNull(9) ? null : row.GetBoolean(9),
            Identity = identity,
            Default = Text(row, 11),
            Sequence = Text(row, 12),
            OwnsSequence = row.GetBoolean(13),
            SequenceOptions = Text(row, 14) ?? "",
            Comment = Text(row, 15),
            Settings =
            [
                .. row.GetInt32(16) < 0 ? [] : (string[])[FormattableString.Invariant($"SET STATISTICS {row.GetInt32(16)}")],
                .. Text(row, 17) is { Length: > 0 } options ? (string[])[$"SET ({options})"] : [],
            ],
            Grants = row.GetFieldValue<string[]>(18),
            NotNullName = Text(row, 19),
        };
        _columns.Add(column);
        if (!row.IsDBNull(20) && row.GetFieldValue<string[]>(20) is [var reason, var remedy])
        {
            Block($"\"{table}\": {reason}", remedy);
        }

        if (Text(row, 23) is { } trigger)
        {
            Block($"\"{table}\": {trigger} and would run for every row", "Disable the trigger, run the command, and enable it again.");
        }

        if (row.GetBoolean(22) && !_maySkipTriggers)
        {
            Block(
                $"\"{table}\": it has triggers that run on UPDATE, and the role may not skip them (SET on session_replication_role)",
                "Run the command as a superuser, or as a role that was granted SET ON PARAMETER session_replication_role (PostgreSQL 15 and later).");
        }
    }

    private void Block(string reason, string remedy) => _blockers[reason] = remedy;

    private void ReadIndex(NpgsqlDataReader row)
    {
        var constraint = row.GetString(6);
        _indexes.Add(new WideIndex(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetInt64(3), row.GetString(4))
        {
            Constraint = constraint is "p" or "u" ? row.GetString(5) : null,
            IsPrimaryKey = constraint == "p",
            IsUnique = row.GetBoolean(7),
            Method = row.GetString(8),
            Numbers = row.GetFieldValue<short[]>(9),
            KeyColumns = row.GetInt32(10),
            Names = row.GetFieldValue<string[]>(11),
            Options = row.GetFieldValue<string?[]>(12).Select(text => text ?? "").ToList(),
            Tail = row.GetString(13),
            Comment = Text(row, 14),
            IsReplicaIdentity = row.GetBoolean(15),
            IsClustered = row.GetBoolean(16),
            HasSuccessor = row.IsDBNull(17) ? null : row.GetBoolean(17),
        });
        if (Text(row, 18) is { } reason)
        {
            Block($"\"{row.GetString(4)}\": index \"{row.GetString(2)}\" cannot be copied, because {reason}", "Drop the index or its constraint, run the command, and create it again.");
        }
    }

    private void ReadForeignKey(NpgsqlDataReader row)
    {
        var columns = row.GetFieldValue<short[]>(7).Zip(row.GetFieldValue<string[]>(8)).ToList();
        _keys.Add(new WideForeignKey(row.GetInt64(0), row.GetString(1), row.GetString(2), row.GetString(3))
        {
            Child = row.GetInt64(4),
            Parent = row.GetInt64(5),
            QuotedParent = row.GetString(6),
            Columns = columns,
            ParentColumns = row.GetFieldValue<short[]>(9).Zip(row.GetFieldValue<string[]>(10)).ToList(),
            SetColumns = row.GetFieldValue<short[]>(11).Select(number => columns.Find(column => column.First == number)).ToList(),
            Match = row.GetString(12),
            OnUpdate = Action(" ON UPDATE", row.GetString(13)),
            OnDelete = Action(" ON DELETE", row.GetString(14)),
            Deferral = row.GetString(15),
            Comment = Text(row, 16),
            IsValidated = row.GetBoolean(17),
            HasSuccessor = row.IsDBNull(18) ? null : row.GetBoolean(18),
        });
    }

    private static string Action(string on, string code) => code switch
    {
        "r" => $"{on} RESTRICT",
        "c" => $"{on} CASCADE",
        "n" => $"{on} SET NULL",
        "d" => $"{on} SET DEFAULT",
        _ => "",
    };

    private static string? Text(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);
}
