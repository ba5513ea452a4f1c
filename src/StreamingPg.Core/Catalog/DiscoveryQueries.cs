
namespace StreamingPg.Core.Catalog;

/// <summary>What is asked of the catalogs of a schema (<c>$1</c>) to describe its tables.</summary>
internal static class DiscoveryQueries
{
    public const string Settings = "SELECT set_config('timezone', 'UTC', true)";

    // Names and types of the schema itself ($2, quoted) are printed bare, all others with their schema: the search path is the schema's
    // while a query runs. What stands in the query is found before that, by the fixed path: the schema may be one where strangers create.
    private const string PrintsBare = "(SELECT set_config('search_path', $2, true)) IS NOT NULL";

    // Partitions are no tables of their own, and what an extension brought along is not the user's.
    private const string OfSchema =
        $"""
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND {PrintsBare} AND NOT c.relispartition
          AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
        """;

    public const string Schema = "SELECT count(*) FROM pg_catalog.pg_namespace WHERE nspname = $1";

    public const string Tables =
        $"""
        SELECT c.relname::text,
               CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
               WHEN 'p' THEN 'partitioned table' ELSE 'table' END,
               obj_description(c.oid, 'pg_class'), has_table_privilege(c.oid, 'SELECT'), has_table_privilege(c.oid, 'INSERT'),
               EXISTS (SELECT FROM pg_catalog.pg_trigger g WHERE g.tgrelid = c.oid AND NOT g.tgisinternal AND g.tgenabled IN ('O', 'A')
                         AND g.tgtype & 7 = 7)
        FROM pg_catalog.pg_class c
        {OfSchema} AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
        ORDER BY c.oid
        """;

    public const string Columns =
        $"""
        SELECT c.relname::text, a.attname::text,
               CASE WHEN e.typnamespace = n.oid THEN e.typname::text || CASE WHEN e.oid <> t.oid THEN '[]' ELSE '' END
                    ELSE format_type(a.atttypid, a.atttypmod) END,
               NOT (a.attnotnull OR t.typnotnull), a.attidentity::text, {SequenceReader.SequenceOfColumn} IS NOT NULL,
               pg_get_expr(f.adbin, f.adrelid), a.attgenerated <> '', col_description(c.oid, a.attnum)
        FROM pg_catalog.pg_attribute a
        JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
        JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
        JOIN pg_catalog.pg_type e ON e.oid = CASE WHEN t.typtype = 'b' AND t.typlen = -1 AND t.typelem <> 0 THEN t.typelem ELSE t.oid END
        LEFT JOIN pg_catalog.pg_attrdef f ON f.adrelid = c.oid AND f.adnum = a.attnum
        {OfSchema} AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped
        ORDER BY c.oid, a.attnum
        """;

    // A foreign key to a partitioned table has one more entry per partition, below its own; these are left out.
    public const string ForeignKeys =
        $"""
        SELECT c.relname::text, k.conname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY u.place),
               pn.nspname::text, p.relname::text,
               ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (number, place)
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY u.place),
               k.condeferrable
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        LEFT JOIN pg_catalog.pg_constraint above ON above.oid = k.conparentid
        {OfSchema} AND k.contype = 'f' AND above.conrelid IS DISTINCT FROM k.conrelid
        ORDER BY k.oid
        """;

    public const string Checks =
        $"""
        SELECT c.relname::text, k.conname::text,
               CASE k.contype WHEN 'c' THEN pg_get_expr(k.conbin, k.conrelid) ELSE pg_get_constraintdef(k.oid) END, k.contype = 'x'
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        {OfSchema} AND k.contype IN ('c', 'x')
        ORDER BY k.oid
        """;

    // Whether NULLs are distinct is a column of pg_index since PostgreSQL 15 only.
    public const string Indexes =
        $"""
        SELECT c.relname::text, x.relname::text,
               ARRAY(SELECT a.attname::text FROM generate_series(0, i.indnkeyatts - 1) place
                     JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[place] ORDER BY place),
               i.indisprimary, i.indisunique, i.indpred IS NULL AND i.indexprs IS NULL AND m.amname IN ('btree', 'hash'),
               coalesce((to_jsonb(i) ->> 'indnullsnotdistinct')::boolean, false),
               ARRAY(SELECT pg_get_indexdef(i.indexrelid, place + 1, true) FROM generate_series(0, i.indnkeyatts - 1) place ORDER BY place),
               pg_get_expr(i.indpred, i.indrelid, true)
        FROM pg_catalog.pg_index i
        JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
        JOIN pg_catalog.pg_class x ON x.oid = i.indexrelid
        JOIN pg_catalog.pg_am m ON m.oid = x.relam
        {OfSchema} AND c.relkind IN ('r', 'p')
        ORDER BY x.oid
        """;

    public const string Partitions =
        $"""
        SELECT c.relname::text, l.relname::text, pg_get_partition_constraintdef(l.oid), part.level = 1 AND pg_get_expr(l.relpartbound, l.oid) = 'DEFAULT'
        FROM pg_catalog.pg_class c
        CROSS JOIN LATERAL pg_partition_tree(c.oid) part
        JOIN pg_catalog.pg_class l ON l.oid = part.relid
        {OfSchema} AND c.relkind = 'p' AND part.isleaf AND part.level > 0
        ORDER BY l.oid
        """;

    public const string Types =
        $"""
        SELECT t.typname::text,
               ARRAY(SELECT l.enumlabel::text FROM pg_catalog.pg_enum l WHERE l.enumtypid = t.oid ORDER BY l.enumsortorder),
               CASE WHEN t.typtype = 'd' THEN CASE WHEN b.typnamespace = t.typnamespace THEN b.typname::text ELSE format_type(t.typbasetype, t.typtypmod) END END,
               NOT t.typnotnull,
               ARRAY(SELECT pg_get_expr(k.conbin, 0) FROM pg_catalog.pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c' ORDER BY k.oid)
        FROM pg_catalog.pg_type t
        JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
        LEFT JOIN pg_catalog.pg_type b ON b.oid = t.typbasetype
        WHERE n.nspname = $1 AND {PrintsBare} AND t.typtype IN ('e', 'd')
        ORDER BY t.oid
        """;
}
