using StreamingPg.Core.Model;

namespace StreamingPg.Core.Catalog;

/// <summary>
/// What is asked of the catalogs: one query for each. All of them take the schema (<c>$1</c>), the same quoted (<c>$2</c>) and names of
/// tables (<c>$3</c>), whether they use them or not.
/// </summary>
internal static class CatalogSql
{
    /// <summary>Scope: the tables, or other relations, that are named.</summary>
    public const string Named = "c.relname = ANY ($3)";

    /// <summary>
    /// Scope: whatever in the schema may hold rows. Partitions are no tables of their own, and what an extension brought along is not
    /// the user's.
    /// </summary>
    public const string Whole =
        """
        c.relkind IN ('r', 'p', 'v', 'm', 'f') AND NOT c.relispartition
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

    public const string Utc = "SELECT set_config('timezone', 'UTC', true)";

    public const string Schema = "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = $1)";

    public const string RelationNames =
        "SELECT c.relname::text FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1";

    // A type's name is free only when no table or array has it either. A type made of others comes after them. Those of other schemas
    // are told by the names that columns have them by; citext is read and written as text is.
    public const string Types =
        $"""
        SELECT CASE WHEN n.nspname = $1 THEN t.typname::text ELSE format_type(t.oid, NULL) END,
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder),
               CASE WHEN t.typtype = 'd' THEN CASE WHEN b.typnamespace = t.typnamespace AND n.nspname = $1 THEN b.typname::text ELSE format_type(t.typbasetype, t.typtypmod) END
                    WHEN t.typname = 'citext' AND t.typtype = 'b' THEN 'text' END,
               NOT t.typnotnull,
               ARRAY(SELECT pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.oid),
               CASE WHEN n.nspname <> $1 THEN n.nspname::text END, t.typname::text, t.typtype = 'm',
               (SELECT format_type(r.rngsubtype, NULL) FROM pg_catalog.pg_range r WHERE t.oid IN (r.rngtypid, r.rngmultitypid)),
               CASE WHEN t.typtype = 'c' AND (SELECT c.relkind = 'c' FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) THEN ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM pg_catalog.pg_attribute a
                    WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum) END,
               n.nspname::text
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        WHERE {PrintsBare} AND (n.nspname = $1
          OR (n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND t.typtype <> 'p' AND (t.typtype <> 'b' OR t.typarray <> 0)
              AND (t.typtype <> 'c' OR EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid AND c.relkind = 'c'))))
        ORDER BY t.oid
        """;

    /// <summary>Gives whether a text is a value of a type, both of which the statement spells; else it fails.</summary>
    public static string TryText(string text, string type) => $"SELECT {Identifier.Literal(text)}::{type} IS NOT NULL";

    // Names and types of the schema itself are printed bare, all others with their schema: the search path is the schema's while a
    // query runs. What stands in the query is found before that, by the fixed path: the schema may be one where strangers create.
    private const string PrintsBare = "(SELECT set_config('search_path', $2, true)) IS NOT NULL";

    private const string OfSchema =
        $"""
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND {PrintsBare}
        """;

    public static string Tables(string scope) =>
        $"""
        SELECT c.relname::text,
               CASE c.relkind WHEN 'r' THEN 'table' WHEN 'p' THEN 'partitioned table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                    WHEN 'f' THEN 'foreign table' WHEN 'S' THEN 'sequence' WHEN 'c' THEN 'composite type' ELSE 'index' END,
               obj_description(c.oid, 'pg_class'),
               coalesce(has_table_privilege(c.oid, 'SELECT'), false), coalesce(has_table_privilege(c.oid, 'INSERT'), false),
               EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname <> '{WideningNames.Trigger}' AND g.tgenabled IN ('O', 'A')
                         AND g.tgtype & 7 = 7),
               NOT row_security_active(c.oid) AND (c.relhasrules OR EXISTS (
                   SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgname <> '{WideningNames.Trigger}' AND g.tgenabled IN ('O', 'A') AND g.tgtype & 4 = 4)),
               CASE WHEN c.relkind = 'p' THEN pg_get_partkeydef(c.oid) END, c.relkind = 'r' AND c.relhassubclass
        FROM pg_catalog.pg_class c
        {OfSchema} AND {scope}
        ORDER BY c.oid
        """;

    // Types of the table's own schema go by their bare names.
    public static string Columns(string scope) =>
        $"""
        SELECT c.relname::text, a.attname::text,
               CASE WHEN e.typnamespace = n.oid
                    THEN e.typname::text || coalesce(substring(format_type(e.oid, a.atttypmod), '\([^()]*\)$'), '') || CASE WHEN e.oid <> t.oid THEN '[]' ELSE '' END
                    ELSE format_type(a.atttypid, a.atttypmod) END,
               NOT a.attnotnull, NOT t.typnotnull, a.atthasdef OR a.attidentity <> '' OR t.typdefault IS NOT NULL,
               a.attidentity::text, a.attgenerated <> '',
               (SELECT format('%I.%I', qn.nspname, q.relname)
                FROM pg_catalog.pg_class q JOIN pg_catalog.pg_namespace qn ON qn.oid = q.relnamespace
                WHERE q.oid = {SequenceReader.SequenceOfColumn}),
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid IN (e.oid, e.typbasetype) ORDER BY l.enumsortorder),
               pg_get_expr(f.adbin, f.adrelid), col_description(c.oid, a.attnum),
               CASE WHEN t.typnamespace <> 'pg_catalog'::regnamespace THEN (
                   SELECT format('OPERATOR(%I.%s)', qn.nspname, q.oprname)
                   FROM pg_catalog.pg_opclass k
                   JOIN pg_catalog.pg_am m ON m.oid = k.opcmethod AND m.amname = 'btree'
                   JOIN pg_catalog.pg_amop x ON x.amopfamily = k.opcfamily AND x.amopstrategy = 3 AND x.amoplefttype = k.opcintype AND x.amoprighttype = k.opcintype
                   JOIN pg_catalog.pg_operator q ON q.oid = x.amopopr
                   JOIN pg_catalog.pg_namespace qn ON qn.oid = q.oprnamespace AND qn.nspname <> 'pg_catalog'
                   WHERE k.opcdefault AND k.opcintype = CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE t.oid END) END
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typtype = 'b' AND t.typlen = -1 AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
        LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
        {OfSchema} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped AND {WideningNames.NotOne("a.attname")} AND {scope}
        ORDER BY c.oid, a.attnum
        """;

    // A foreign key to a partitioned table has one more entry per partition, below its own; these are left out.
    public static string ForeignKeys(string scope) => Keys($"n.nspname = $1 AND above.conrelid IS DISTINCT FROM k.conrelid AND {scope}");

    /// <summary>
    /// The foreign keys that refer to the named tables, or to one of their partitions alone. Partitions repeat the key of their table, which finds their
    /// rows as well.
    /// </summary>
    public static string ReferringKeys =>
        Keys("pn.nspname = $1 AND p.relname = ANY ($3) AND k.conparentid = 0", parent: "IN (k.confrelid, pg_catalog.pg_partition_root(k.confrelid))");

    public static string Indexes(string scope) =>
        $"""
        SELECT c.relname::text, x.relname::text,
               ARRAY(SELECT a.attname::text FROM generate_series(0, i.indnkeyatts - 1) place
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place] ORDER BY place),
               i.indisprimary, i.indisunique, i.indpred IS NULL AND i.indexprs IS NULL AND m.amname IN ('btree', 'hash'), i.indisvalid,
               CASE WHEN i.indisvalid OR c.relkind = 'p' THEN false
                    ELSE NOT EXISTS (SELECT FROM pg_catalog.pg_stat_progress_create_index p WHERE p.index_relid = i.indexrelid) END,
               ARRAY(SELECT pg_get_indexdef(i.indexrelid, place + 1, true) FROM generate_series(0, i.indnkeyatts - 1) place ORDER BY place),
               pg_get_expr(i.indpred, i.indrelid, true),
               EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.indexrelid
                         AND d.refclassid = 'pg_catalog.pg_proc'::regclass AND d.deptype = 'n')
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_am m ON m.oid = x.relam
        {OfSchema} AND c.relkind IN ('r', 'p') AND {WideningNames.NotOne("x.relname")} AND {scope}
        ORDER BY x.oid
        """;

    public static string Checks(string scope) =>
        $"""
        SELECT c.relname::text, k.conname::text,
               CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) ELSE pg_get_constraintdef(k.oid) END, k.contype = 'x'
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        {OfSchema} AND k.contype IN ('c', 'x') AND {WideningNames.NotOne("k.conname")} AND {scope}
        ORDER BY k.oid
        """;

    public static string Partitions(string scope) =>
        $"""
        SELECT c.relname::text, l.relname::text, pg_get_partition_constraintdef(l.oid), pg_get_expr(l.relpartbound, l.oid) = 'DEFAULT',
               part.isleaf, above.relname::text, key.partstrat = 'h',
               ARRAY(SELECT coalesce(a.attname::text, '') FROM generate_series(0, key.partnatts - 1) place
                     LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = above.oid AND a.attnum = key.partattrs[place] AND a.attnum > 0 ORDER BY place)
        FROM pg_catalog.pg_class c
        CROSS JOIN LATERAL pg_partition_tree(c.oid) part
        JOIN pg_catalog.pg_class l ON l.oid = part.relid
        JOIN pg_catalog.pg_class above ON above.oid = part.parentrelid
        JOIN pg_catalog.pg_partitioned_table key ON key.partrelid = above.oid
        {OfSchema} AND c.relkind = 'p' AND part.level > 0 AND {scope}
        ORDER BY l.oid
        """;

    private static string Keys(string which, string parent = "= k.confrelid") =>
        $"""
        SELECT c.relname::text, n.nspname::text, k.conname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
               pn.nspname::text, p.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
               k.convalidated, k.condeferrable,
               NOT EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgenabled NOT IN ('O', 'A'))
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_catalog.pg_class p ON p.oid {parent}
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        LEFT JOIN pg_catalog.pg_constraint above ON above.oid = k.conparentid
        WHERE k.contype = 'f' AND {WideningNames.NotOne("k.conname")} AND {which}
        ORDER BY k.oid
        """;
}
