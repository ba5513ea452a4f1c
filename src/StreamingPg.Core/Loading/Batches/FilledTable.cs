using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>A table some of whose partitions are filled as tables of their own, and the statements for that.</summary>
internal sealed class FilledTable
{
    // Within the transaction only: a table is there under the name of the partition, or not at all.
    private const string NamePrefix = "streamingpg_new_";

    private readonly string _name;

    /// <param name="table">The table.</param>
    /// <param name="number">Its number among those of the batch.</param>
    /// <param name="isSingle">True when all rows go to one partition.</param>
    /// <param name="empty">The partitions, which hold no row.</param>
    public FilledTable(TableModel table, int number, bool isSingle, IEnumerable<PeriodPartition> empty)
    {
        Table = table;
        IsSingle = isSingle;
        _name = $"{NamePrefix}{number}";
        Partitions = [.. empty.Select((partition, index) => new FilledPartition(partition, $"{_name}_{index}"))];
    }

    /// <summary>The table.</summary>
    public TableModel Table { get; }

    /// <summary>True when all rows go to one partition.</summary>
    public bool IsSingle { get; }

    /// <summary>The partitions.</summary>
    public IReadOnlyList<FilledPartition> Partitions { get; }

    /// <summary>What the rows are copied into: the partition-to-be, or a table that distributes them.</summary>
    public string Target => IsSingle ? Partitions[0].New : _name;

    private string Rest => $"{_name}_other";

    /// <summary>Makes the tables for the rows.</summary>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="owner">The role that partitions are given to; null for the one that makes them.</param>
    public IEnumerable<string> CreateSql(string schema, string? owner)
    {
        var target = Identifier.Quote(schema, Target);
        yield return LayoutSql.Like(schema, Target, Table.Name) + (IsSingle ? "" : LayoutSql.PartitionBy(Table));
        foreach (var partition in Partitions)
        {
            var name = Identifier.Quote(schema, partition.New);
            if (!IsSingle)
            {
                yield return $"CREATE TABLE {name} PARTITION OF {target} {LayoutSql.Bounds(partition.Period)}";
            }

            if (owner is not null)
            {
                yield return $"ALTER TABLE {name} OWNER TO {Identifier.Quote(owner)}";
            }
        }

        if (!IsSingle)
        {
            yield return $"CREATE TABLE {Identifier.Quote(schema, Rest)} PARTITION OF {target} DEFAULT";
        }
    }

    /// <summary>Builds the indexes that the empty partitions have.</summary>
    public IEnumerable<string> BuildSql(string schema) => Partitions.SelectMany(partition => partition.Indexes.Select(index => index.IsConstraint
        ? $"ALTER TABLE {Identifier.Quote(schema, partition.New)} ADD CONSTRAINT {Identifier.Quote(index.New)} {index.Definition}"
        : $"CREATE {index.Definition}"));

    /// <summary>Puts the partitions in place of the empty ones. PostgreSQL checks then that the rows are of their time, and their foreign keys.</summary>
    public IEnumerable<string> AttachSql(string schema)
    {
        var table = Identifier.Quote(schema, Table.Name);
        foreach (var partition in Partitions)
        {
            var (old, made) = (Identifier.Quote(schema, partition.Old.Name), Identifier.Quote(schema, partition.New));
            if (!IsSingle)
            {
                yield return $"ALTER TABLE {Identifier.Quote(schema, _name)} DETACH PARTITION {made}";
            }

            yield return $"ALTER TABLE {table} DETACH PARTITION {old}";
            yield return $"DROP TABLE {old}";
            yield return $"ALTER TABLE {made} RENAME TO {Identifier.Quote(partition.Old.Name)}";
            foreach (var index in partition.Indexes)
            {
                yield return $"ALTER INDEX {Identifier.Quote(schema, index.New)} RENAME TO {Identifier.Quote(index.Old)}";
            }

            yield return $"ALTER TABLE {table} ATTACH PARTITION {old} {LayoutSql.Bounds(partition.Period)}";
        }
    }

    /// <summary>Inserts the rows of other partitions, or all of them where none could be attached.</summary>
    public IEnumerable<string> InsertSql(string schema, bool isAttached)
    {
        if (isAttached && IsSingle)
        {
            yield break;
        }

        var target = Identifier.Quote(schema, Target);
        var columns = Identifier.QuoteList(Table.WrittenColumns.Select(column => column.Name));
        yield return $"INSERT INTO {Identifier.Quote(schema, Table.Name)} ({columns}) OVERRIDING SYSTEM VALUE SELECT {columns} FROM {target}";
        yield return $"DROP TABLE {target}";
    }
}

/// <summary>A partition that is filled as a table of its own.</summary>
/// <param name="Old">The empty partition.</param>
/// <param name="New">Name of the table until it takes the place of the empty one.</param>
internal sealed record FilledPartition(PeriodPartition Old, string New)
{
    private readonly List<(string Old, string New, bool IsConstraint, string Definition)> _indexes = [];

    /// <summary>The time of its rows.</summary>
    public PartitionPeriod Period => Old.Period!.Value;

    /// <summary>The indexes of the empty partition, what they are called on the new table, and their definition there: of the constraint, or behind CREATE.</summary>
    public IReadOnlyList<(string Old, string New, bool IsConstraint, string Definition)> Indexes => _indexes;

    /// <summary>Takes an answer of <see cref="NewPartitionSql.Indexes"/>.</summary>
    public void AddIndex(NpgsqlDataReader row) => _indexes.Add((row.GetString(0), row.GetString(1), row.GetBoolean(2), row.GetString(3)));
}

/// <summary>What is read of an empty partition ($2 of schema $1) beside the table that is to take its place ($3).</summary>
internal static class NewPartitionSql
{
    /// <summary>Whether the empty partition is nothing but what its table makes of it: owner, rights and storage as the new table has them, no index, trigger,
    /// rule or comment of its own.</summary>
    public const string IsEqual =
        """
        SELECT o.relowner = m.relowner AND o.relacl IS NOT DISTINCT FROM m.relacl AND o.reloptions IS NOT DISTINCT FROM m.reloptions
           AND o.reltablespace = m.reltablespace AND o.relam = m.relam AND o.relreplident = m.relreplident AND o.relpersistence = m.relpersistence
           AND NOT o.relrowsecurity AND NOT o.relhasrules
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_description d WHERE d.classoid = 'pg_catalog.pg_class'::regclass AND d.objoid = o.oid)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_attribute a
               WHERE a.attrelid = o.oid AND a.attnum > 0 AND (a.attacl IS NOT NULL OR array_to_string(a.attoptions, ' ') LIKE '%n_distinct%' OR a.attstattarget >= 0))
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgrelid = o.oid AND NOT t.tgisinternal)
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.stxrelid = o.oid)
           AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conrelid = o.oid AND k.contype IN ('p', 'u', 'f', 'x') AND k.conparentid = 0)
           AND NOT EXISTS (
               SELECT FROM pg_catalog.pg_index x JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
               WHERE x.indrelid = o.oid
                 AND (NOT i.relispartition OR i.reloptions IS NOT NULL OR i.reltablespace <> 0 OR NOT x.indisvalid OR x.indisclustered OR x.indisreplident))
           AND (SELECT array_agg((k.conname, pg_get_constraintdef(k.oid)) ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.conrelid = o.oid AND k.contype = 'c')
               IS NOT DISTINCT FROM
               (SELECT array_agg((k.conname, pg_get_constraintdef(k.oid)) ORDER BY k.conname) FROM pg_catalog.pg_constraint k WHERE k.conrelid = m.oid AND k.contype = 'c')
        FROM pg_catalog.pg_namespace n
        JOIN pg_catalog.pg_class o ON o.relnamespace = n.oid AND o.relname = $2
        JOIN pg_catalog.pg_class m ON m.relnamespace = n.oid AND m.relname = $3
        WHERE n.nspname = $1
        """;

    /// <summary>Its indexes: name, name for the meantime, whether it is one of a constraint, and the definition for the new table.</summary>
    public const string Indexes =
        """
        SELECT i.relname::text, $3 || '_index_' || row_number() OVER (ORDER BY i.relname), k.oid IS NOT NULL,
               COALESCE(
                   pg_get_constraintdef(k.oid),
                   format('%sINDEX %I ON %I.%I%s', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END,
                       $3 || '_index_' || row_number() OVER (ORDER BY i.relname), n.nspname, $3,
                       substr(pg_get_indexdef(i.oid), length(format(
                           'CREATE %sINDEX %I ON %I.%I', CASE WHEN x.indisunique THEN 'UNIQUE ' ELSE '' END, i.relname, n.nspname, o.relname)) + 1)))
        FROM pg_catalog.pg_namespace n
        JOIN pg_catalog.pg_class o ON o.relnamespace = n.oid AND o.relname = $2
        JOIN pg_catalog.pg_index x ON x.indrelid = o.oid
        JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
        LEFT JOIN pg_catalog.pg_constraint k ON k.conindid = i.oid AND k.contype IN ('p', 'u') AND k.conrelid = o.oid
        WHERE n.nspname = $1
        ORDER BY i.relname
        """;
}
