using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Finds the sequence behind a column: that of a SERIAL, of an identity column, or of a default written by hand.</summary>
internal static class SequenceReader
{
    /// <summary>
    /// The oid of the sequence of column <c>a</c> (pg_attribute), or NULL. A default depends on its sequence; the
    /// sequence of an identity column depends on the column. (pg_get_serial_sequence knows owned sequences only.) The default is looked up
    /// by itself: in a join, a server that has no statistics of a thousand new tables yet reads all defaults for each column.
    /// </summary>
    internal const string SequenceOfColumn =
        """
        (SELECT s.oid FROM pg_catalog.pg_class s
         WHERE s.relkind = 'S'
           AND s.oid IN (
             SELECT d.refobjid FROM pg_catalog.pg_depend d
             WHERE d.objid = (SELECT e.oid FROM pg_catalog.pg_attrdef e WHERE e.adrelid = a.attrelid AND e.adnum = a.attnum)
               AND d.classid = 'pg_catalog.pg_attrdef'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass
             UNION ALL
             SELECT d.objid FROM pg_catalog.pg_depend d
             WHERE d.refobjid = a.attrelid AND d.refobjsubid = a.attnum AND d.deptype = 'i'
               AND d.classid = 'pg_catalog.pg_class'::regclass AND d.refclassid = 'pg_catalog.pg_class'::regclass)
         LIMIT 1)
        """;

    private const string FindSql =
        $"""
        SELECT wanted.place, sn.nspname::text, s.relname::text, q.seqincrement,
               CASE WHEN q.seqincrement > 0
                    THEN LEAST(q.seqmax, CASE a.atttypid WHEN 'int2'::regtype THEN 32767 WHEN 'int4'::regtype THEN 2147483647 ELSE q.seqmax END)
                    ELSE GREATEST(q.seqmin, CASE a.atttypid WHEN 'int2'::regtype THEN -32768 WHEN 'int4'::regtype THEN -2147483648 ELSE q.seqmin END)
               END,
               has_schema_privilege(sn.oid, 'USAGE') AND has_sequence_privilege(s.oid, 'SELECT')
        FROM unnest($2, $3) WITH ORDINALITY AS wanted (relation, attribute, place)
        JOIN pg_catalog.pg_class c ON c.relname = wanted.relation
        JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace AND n.nspname = $1
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attname = wanted.attribute AND NOT a.attisdropped
        JOIN pg_catalog.pg_class s ON s.oid = {SequenceOfColumn}
        JOIN pg_catalog.pg_namespace sn ON sn.oid = s.relnamespace
        JOIN pg_catalog.pg_sequence q ON q.seqrelid = s.oid
        """;

    /// <summary>Reads the sequence of a column; null when there is none. Needs the right to SELECT from the sequence.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of the table.</param>
    /// <param name="table">The table.</param>
    /// <param name="column">The column.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The role may not read the sequence.</exception>
    public static async Task<SequenceState?> FindAsync(
        NpgsqlConnection connection, string schema, string table, string column, CancellationToken cancellationToken) =>
        (await FindAllAsync(connection, schema, [(table, column)], cancellationToken).ConfigureAwait(false))[0];

    /// <summary>Reads the sequences of several columns, in two round trips; null for a column without one.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="columns">The columns.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The role may not read one of the sequences.</exception>
    public static async Task<IReadOnlyList<SequenceState?>> FindAllAsync(
        NpgsqlConnection connection, string schema, IReadOnlyList<(string Table, string Column)> columns, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(columns);
        var found = new SequenceState?[columns.Count];
        if (columns.Count == 0)
        {
            return found;
        }

        int? hidden = null;
        var commands = new CommandBatch(connection);
        commands.Query(
            FindSql,
            row =>
            {
                var place = (int)row.GetInt64(0) - 1;
                found[place] = new SequenceState(row.GetString(1), row.GetString(2), 0, false, row.GetInt64(4), row.GetInt64(3));
                hidden ??= row.GetBoolean(5) ? null : place;
            },
            Parameter.Of(schema),
            Parameter.Of(columns.Select(column => column.Table).ToArray()),
            Parameter.Of(columns.Select(column => column.Column).ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);

        if (hidden is { } first && found[first] is { } unread)
        {
            throw new StreamingException(
                ErrorIds.PermissionDenied,
                StreamingErrorKind.PermissionDenied,
                $"The role may not read the sequence of {Identifier.Quote(schema, columns[first].Table)}.",
                GrantAdvice.Use("SELECT", GrantKind.Sequence, Identifier.Quote(unread.Schema, unread.Name), connection),
                columns[first].Table);
        }

        var states = new CommandBatch(connection);
        for (var index = 0; index < found.Length; index++)
        {
            if (found[index] is { } sequence)
            {
                var place = index;
                states.Query(
                    $"SELECT last_value, is_called FROM {Identifier.Quote(sequence.Schema, sequence.Name)}",
                    row => found[place] = sequence with { LastValue = row.GetInt64(0), IsCalled = row.GetBoolean(1) });
            }
        }

        if (found.Any(sequence => sequence is not null))
        {
            await states.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }

        return found;
    }
}

/// <summary>The sequence behind a column, as it stood when it was read.</summary>
/// <param name="Schema">Schema of the sequence.</param>
/// <param name="Name">Name of the sequence.</param>
/// <param name="LastValue">The value it gave last, or will give next if it has not been called.</param>
/// <param name="IsCalled">True when <paramref name="LastValue"/> has been given.</param>
/// <param name="MaxValue">The largest value that both the sequence can give and its column can hold (the smallest, when it counts down).</param>
/// <param name="Increment">From one value to the next; negative when it counts down.</param>
internal sealed record SequenceState(
    string Schema, string Name, long LastValue, bool IsCalled, long MaxValue, long Increment)
{
    /// <summary>The value it will give next.</summary>
    public long NextValue => IsCalled ? LastValue + Increment : LastValue;

    /// <summary>How many values it can still give.</summary>
    public long Remaining
    {
        get
        {
            var used = (IsCalled ? 1 : 0) - 1;
            var remaining = (((Int128)MaxValue - LastValue) / Increment) - used;
            return (long)Int128.Clamp(remaining, 0, long.MaxValue);
        }
    }
}
