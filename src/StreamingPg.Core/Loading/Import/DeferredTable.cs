using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>The rows of one <see cref="StagedSegment"/> that wait for others, in a temporary table.</summary>
internal sealed class DeferredTable
{
    private readonly NpgsqlConnection _open;
    private readonly List<ColumnSet?> _shapes = [];
    private readonly Dictionary<long, RejectReason> _refused = [];

    public DeferredTable(NpgsqlConnection open, StagedSegment segment, int number)
    {
        _open = open;
        Segment = segment;
        Number = number;
        Name = Identifier.Quote("pg_temp", $"streamingpg_late_{number}");
    }

    /// <summary>The segment whose rows they are.</summary>
    public StagedSegment Segment { get; }

    /// <summary>Number among the tables of the import.</summary>
    public int Number { get; }

    /// <summary>Name of the temporary table, quoted.</summary>
    public string Name { get; }

    /// <summary>The table of the model.</summary>
    public TableModel Table => Segment.StagingTable.Segment.Table;

    /// <summary>Takes the rows from the segment.</summary>
    public async Task FillAsync(CancellationToken cancellationToken)
    {
        var sql = Segment.StagingTable.Sql;
        var create = new CommandBatch(_open);
        create.Add(
            $"CREATE TEMPORARY TABLE {Name} ON COMMIT DROP AS SELECT 0 AS shape, 0::bigint AS number{sql.StagingColumns} FROM {sql.Target} WITH NO DATA");
        await create.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        foreach (var rows in Segment.TakeAside())
        {
            var shape = _shapes.IndexOf(rows.Given);
            if (shape < 0)
            {
                shape = _shapes.Count;
                _shapes.Add(rows.Given);
            }

            await Segment.StagingTable.MoveAsync(rows, Name, shape, cancellationToken).ConfigureAwait(false);
        }

        var analyze = new CommandBatch(_open);
        analyze.Add($"ANALYZE {Name}");
        await analyze.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Parts of a statement that loads the rows up to number <c>$2</c> whose turn is <c>$1</c>: the names and queries of its WITH.</summary>
    public IEnumerable<(string Name, string Query)> Chunks()
    {
        var sql = Segment.StagingTable.Sql;
        yield return ($"rows_{Number}", $"SELECT *, {sql.Turn} AS turn FROM {Name} WHERE number <= $2");
        for (var shape = 0; shape < _shapes.Count; shape++)
        {
            yield return ($"written_{Number}_{shape}", sql.Insert(_shapes[shape], $"rows_{Number} WHERE turn = $1 AND shape = {shape}"));
        }
    }

    /// <summary>Takes out the rows that refer to nothing.</summary>
    /// <param name="key">The foreign key.</param>
    /// <param name="live">The same, in the database.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="parents">Rows that are to be loaded into the parent with them.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>How many.</returns>
    public async Task<long> RefuseOrphansAsync(
        ForeignKeyModel key, LiveForeignKey live, string schema, IEnumerable<DeferredTable> parents, CancellationToken cancellationToken)
    {
        var columns = key.Columns.Select(Segment.StagingTable.Sql.StagingColumn).ToList();
        var missing = new List<string> { NotIn(Identifier.Quote(schema, key.ParentTable), key.ParentColumns.Select(Identifier.Quote)) };
        missing.AddRange(parents
            .Select(parent => (parent.Name, Columns: key.ParentColumns.Select(parent.Segment.StagingTable.Sql.StagingColumn).ToList()))
            .Where(parent => !parent.Columns.Contains(null))
            .Select(parent => NotIn(parent.Name, parent.Columns!)));
        var refused = 0L;
        var commands = new CommandBatch(_open);
        commands.Query(
            $"""
            DELETE FROM {Name} AS deferred
            WHERE {string.Join(" AND ", columns.Select(column => $"deferred.{column} IS NOT NULL"))} AND {string.Join(" AND ", missing)}
            RETURNING number, concat_ws(', ', {string.Join(", ", columns.Select(column => $"deferred.{column}::text"))})
            """,
            row =>
            {
                refused++;
                _refused.Add(row.GetInt64(0), Orphan(key, live, row.GetString(1)));
            });
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return refused;

        string NotIn(string parent, IEnumerable<string> parentColumns) =>
            $"NOT EXISTS (SELECT FROM {parent} AS parent WHERE {string.Join(" AND ", parentColumns.Zip(columns, (theirs, ours) => $"parent.{theirs} = deferred.{ours}"))})";
    }

    /// <summary>Takes out a row that the server refuses, if it is one of this table.</summary>
    public async Task RefuseAsync(long number, PostgresException error, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(_open);
        commands.Query(
            $"DELETE FROM {Name} WHERE number = $1 RETURNING number",
            row => _refused.Add(row.GetInt64(0), RejectReason.Of(error)),
            Parameter.Of(number));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps the sequence ahead of the keys that the rows bring.</summary>
    public async Task KeepAheadAsync(string schema, CancellationToken cancellationToken)
    {
        if (Table.SequenceColumn is not { } column || Segment.StagingTable.Sql.StagingColumn(column.Name) is not { } key)
        {
            return;
        }

        long? highest = null;
        var commands = new CommandBatch(_open);
        commands.Query($"SELECT max({key})::bigint FROM {Name}", row => highest = row.IsDBNull(0) ? null : row.GetInt64(0));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        if (highest is { } value)
        {
            await SequenceReservation.KeepAheadAsync(_open, schema, Table, value, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Writes the refused rows to the file of rejects.</summary>
    public void WriteRefused() => Segment.RejectAside(_refused);

    private RejectReason Orphan(ForeignKeyModel key, LiveForeignKey live, string value) => new(
        $"insert or update on table \"{Table.Name}\" violates foreign key constraint \"{live.Name}\" "
        + $"(Key ({string.Join(", ", key.Columns)})=({value}) is not present in table \"{key.ParentTable}\".)",
        PostgresErrorCodes.ForeignKeyViolation,
        Column: null,
        live.Name);
}
