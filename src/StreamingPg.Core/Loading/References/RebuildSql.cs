namespace StreamingPg.Core.Loading.References;

/// <summary>What <see cref="RebuildAfterLoad"/> reads of the tables: what stands against it, and the keys and indexes that come back as they were.</summary>
internal static class RebuildSql
{
    /// <summary>The foreign keys. Those of partitions come and go with those of their tables.</summary>
    public const string ForeignKey =
        """
        SELECT c.relname::text, k.conname::text, pg_get_constraintdef(k.oid)
        FROM pg_catalog.pg_constraint k
        JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND k.contype = 'f' AND k.conparentid = 0
        ORDER BY c.relname, k.conname
        """;

    // How an index of a partition was made says that of its table, unless somebody has changed one since.
    private const string SamePartitions =
        """
        NOT EXISTS (
              SELECT FROM pg_catalog.pg_inherits h
              JOIN pg_catalog.pg_class hi ON hi.oid = h.inhrelid
              JOIN pg_catalog.pg_index hx ON hx.indexrelid = h.inhrelid
              WHERE h.inhparent = i.oid
                AND (hi.reltablespace <> 0 OR hi.reloptions IS NOT NULL OR hx.indisclustered OR hx.indisreplident OR obj_description(hi.oid, 'pg_class') IS NOT NULL))
        """;

    // The index of a partitioned table is described as one without those of its partitions.
    private const string Definition =
        """
        CASE i.relkind WHEN 'I' THEN overlay(pg_get_indexdef(i.oid) PLACING ' ON ' FROM strpos(pg_get_indexdef(i.oid), quote_ident(i.relname)) + length(quote_ident(i.relname)) FOR length(' ON ONLY '))
                       ELSE pg_get_indexdef(i.oid) END
        """;

    /// <summary>The indexes.</summary>
    /// <remarks>
    /// What a key or a constraint stands on stays, and so does an index that would come back other than it was: pg_get_indexdef
    /// says nothing of these properties. Making an index needs the right to create in the schema, dropping one does not. An expression
    /// may call functions that find their names on the role's search path alone.
    /// </remarks>
    public const string Index =
        $"""
        SELECT i.relname::text, {Definition}
        FROM pg_catalog.pg_index x
        JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND has_schema_privilege(n.oid, 'CREATE')
          AND NOT x.indisunique AND NOT x.indisexclusion AND x.indexprs IS NULL AND x.indpred IS NULL AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident
          AND i.reltablespace = 0 AND obj_description(i.oid, 'pg_class') IS NULL AND {SamePartitions}
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL))
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_depend d
              WHERE (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.oid AND d.deptype NOT IN ('P', 'S'))
                 OR (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.oid AND d.deptype IN ('e', 'x')))
        ORDER BY c.relname, i.relname
        """;

    /// <summary>Whether keys and indexes may be dropped, whether tables may be truncated, and whether functions of the user's run: triggers, or in a CHECK.</summary>
    /// <remarks>
    /// Keys whose triggers somebody has switched off, or put a comment on, would come back other than they were.
    /// Nothing is built on a table while a trigger of the user's, or a unique key, waits for the end of the transaction. Keys to other tables
    /// stay: dropping one would lock its parent for the whole load; and a key that is not valid would come back without a look at the rows.
    /// Nothing is truncated that others read from the WAL: their tables may hold rows that these do not. Event triggers may forbid or
    /// record what is dropped. What holds of a table must hold of its partitions, too.
    /// </remarks>
    public const string Condition =
        """
        WITH named AS (
            SELECT c.oid, c.relname = ANY ($3) AS has_partitions
            FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
            WHERE n.nspname = $1 AND c.relname = ANY ($2)),
        tables AS (
            SELECT oid, CASE WHEN has_partitions THEN 'p' ELSE 'r' END AS kind, false AS is_partition FROM named
            UNION ALL
            SELECT i.inhrelid, 'r', true FROM named JOIN pg_catalog.pg_inherits i ON i.inhparent = named.oid WHERE has_partitions)
        SELECT COALESCE(bool_and(pg_has_role(c.relowner, 'USAGE') AND c.relkind::text = tables.kind AND c.relispartition = tables.is_partition), false)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_trigger t ON t.tgconstraint = k.oid
               WHERE k.conrelid = ANY (array_agg(c.oid)) AND k.contype = 'f'
                 AND (t.tgenabled <> 'O' OR obj_description(k.oid, 'pg_constraint') IS NOT NULL))
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_trigger t LEFT JOIN pg_catalog.pg_constraint k ON k.oid = t.tgconstraint
               WHERE t.tgrelid = ANY (array_agg(c.oid)) AND t.tgdeferrable AND k.contype IS DISTINCT FROM 'f')
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               WHERE k.contype = 'f' AND k.conrelid = ANY (array_agg(c.oid)) AND (k.confrelid <> ALL (array_agg(c.oid)) OR NOT k.convalidated))
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_event_trigger e WHERE e.evtenabled <> 'D')
        , bool_and(NOT c.relrowsecurity AND (NOT c.relhassubclass OR c.relkind = 'p') AND c.relpersistence = 'p')
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               WHERE k.contype = 'f' AND k.confrelid = ANY (array_agg(c.oid)) AND k.conrelid <> ALL (array_agg(c.oid)))
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = ANY (array_agg(c.oid)) AND NOT t.tgisinternal AND t.tgtype & 32 <> 0)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_publication_tables t
               JOIN pg_catalog.pg_namespace pn ON pn.nspname = t.schemaname
               JOIN pg_catalog.pg_class pc ON pc.relnamespace = pn.oid AND pc.relname = t.tablename
               WHERE pc.oid = ANY (array_agg(c.oid)))
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_replication_slots s
               WHERE s.database = current_database() AND s.plugin <> 'pgoutput')
        , EXISTS (
               SELECT FROM pg_catalog.pg_trigger t
               WHERE t.tgrelid = ANY (array_agg(c.oid)) AND NOT t.tgisinternal AND t.tgenabled <> 'D')
           OR EXISTS (
               SELECT FROM pg_catalog.pg_constraint k
               JOIN pg_catalog.pg_depend d ON d.classid = 'pg_catalog.pg_constraint'::regclass AND d.objid = k.oid AND d.refclassid = 'pg_catalog.pg_proc'::regclass
               WHERE k.contype = 'c' AND k.conrelid = ANY (array_agg(c.oid)))
        FROM tables JOIN pg_catalog.pg_class c ON c.oid = tables.oid
        """;

    /// <summary>Unique keys of constraints and of indexes alone that come back as they were, as for the indexes above; no view may stand on one.</summary>
    public const string Unique =
        $"""
        SELECT c.relname::text, i.relname::text, pg_get_constraintdef(k.oid), {Definition}
        FROM pg_catalog.pg_index x
        JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
        JOIN pg_catalog.pg_class c ON c.oid = x.indrelid
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u')
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND has_schema_privilege(n.oid, 'CREATE')
          AND x.indisunique AND NOT x.indisexclusion AND x.indexprs IS NULL AND x.indpred IS NULL AND x.indisvalid AND NOT x.indisclustered AND NOT x.indisreplident
          AND i.reltablespace = 0 AND i.reloptions IS NULL AND obj_description(i.oid, 'pg_class') IS NULL AND {SamePartitions}
          AND (k.oid IS NULL OR (k.conname = i.relname AND obj_description(k.oid, 'pg_constraint') IS NULL))
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = i.oid AND (a.attstattarget >= 0 OR a.attoptions IS NOT NULL))
          AND NOT EXISTS (
              SELECT FROM pg_catalog.pg_depend d
              WHERE (d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = i.oid AND d.deptype NOT IN ('P', 'S') AND d.classid <> 'pg_catalog.pg_constraint'::regclass)
                 OR (d.refclassid = 'pg_catalog.pg_constraint'::regclass AND d.refobjid = k.oid AND d.deptype NOT IN ('i', 'P', 'S'))
                 OR (d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = i.oid AND d.deptype IN ('e', 'x')))
        ORDER BY c.relname, i.relname
        """;
}
