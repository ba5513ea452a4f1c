using System.Text;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// Loads and verifies a few rows with one statement per table, all in one round trip: an INSERT from arrays whose RETURNING rows are
/// looked up among their parents. COPY would take two round trips per table, and the verification a third.
/// </summary>
internal sealed class SmallChunk
{
    /// <summary>A chunk of at most this many rows is loaded this way.</summary>
    public const int MaxRows = 1000;

    private readonly ChunkTransaction _transaction;
    private readonly BatchGenerator _generator;
    private readonly List<(TableModel Table, long Rows, NpgsqlParameter[] Columns)> _arrays = [];

    private SmallChunk(ChunkTransaction transaction, BatchGenerator generator)
    {
        _transaction = transaction;
        _generator = generator;
    }

    private StreamModel Model => _transaction.Model;

    /// <summary>Generates the rows of a chunk, an array per column.</summary>
    public static SmallChunk Generate(ChunkTransaction transaction, BatchGenerator generator)
    {
        using var generating = StreamingActivity.StartGenerating(generator.Chunk);
        using var block = new RowBlock();
        var chunk = new SmallChunk(transaction, generator);
        foreach (var table in transaction.Model.Tables)
        {
            var rows = generator.Rows(table);
            if (rows.Count > 0)
            {
                block.Clear();
                generator.Table(table.Name).Fill(new RowWriter(block), rows.From, rows.To, grow: true);
                chunk._arrays.Add((table, rows.Count, EncodedArray.Parameters([.. table.WrittenColumns], block)));
            }
        }

        chunk.GeneratedIn = generating.Complete();
        return chunk;
    }

    /// <summary>How long the rows took.</summary>
    public TimeSpan GeneratedIn { get; private set; }

    /// <summary>Adds the statements that load and verify the rows to a round trip.</summary>
    public void Ask(CommandBatch commands, VerificationFindings findings)
    {
        ParentLock.AskForFirstChunk(commands, _transaction, _generator);
        if (_transaction.Request.Options.AtOnce)
        {
            AskAtOnce(commands, findings);
            new DeferredReferences(_transaction, _generator).Ask(commands);
            return;
        }

        new DeferredReferences(_transaction, _generator).Defer(commands);
        foreach (var (table, rows, columns) in _arrays)
        {
            var expectations = new List<string>();
            var sql = InsertSql(table, expectations);
            _transaction.Checks.BeginTable(commands, table);
            commands.QueryWithOtherPath(sql, row => findings.Judge(table, rows, expectations, row), [.. columns, Parameter.Of(rows)]);
            _transaction.Checks.EndTable(commands, table);
        }

        new DeferredReferences(_transaction, _generator).Ask(commands);
        foreach (var (table, rows, columns) in _arrays)
        {
            AskForLater(commands, table, rows, columns, findings);
        }
    }

    /// <summary>Verifies the references that were set after the rows and that no trigger verifies.</summary>
    private void AskForLater(CommandBatch commands, TableModel table, long rows, NpgsqlParameter[] columns, VerificationFindings findings)
    {
        var keys = VerifiedKey.Of(Model, table, _transaction.Checks.CheckOf(table), withUnenforced: true).Where(key => key.ForeignKey.IsLoadedLater).ToList();
        if (keys.Count == 0)
        {
            return;
        }

        var counts = keys.Select((key, index) => $"{key.LookUpCountSql(_transaction.Schema, null, locksParents: true)} AS n{index}");
        var conditions = keys.Select((_, index) => $"counted.n{index} = 0").Prepend($"counted.n = ${columns.Length + 1}");
        var primaryKey = Identifier.QuoteList(table.PrimaryKey);
        var sql = $"""
            SELECT count(*) AS n, {string.Join(", ", counts)} FROM {_transaction.Session.Quote(table.Name)} AS {VerifiedKey.ChildAlias}
            WHERE ({string.Join(", ", table.PrimaryKey.Select(column => $"{VerifiedKey.ChildAlias}.{Identifier.Quote(column)}"))}) IN (
                SELECT {primaryKey} FROM ({SelectSql(table, parametersBefore: 0)}) AS sent ({Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name))}))
            """;
        List<string> meanings = [.. keys.Select(verified => verified.Meaning)];
        commands.QueryWithOtherPath(
            VerificationFindings.RememberSql(sql, conditions), row => findings.Judge(table, rows, meanings, row), [.. columns.Select(column => column.Clone()), Parameter.Of(rows)]);
    }

    /// <summary>The rows of all tables by one statement: the server looks at foreign keys when it ends.</summary>
    private void AskAtOnce(CommandBatch commands, VerificationFindings findings)
    {
        var parameters = new List<NpgsqlParameter>();
        var inserts = new List<string>();
        foreach (var (table, _, columns) in _arrays)
        {
            inserts.Add($"w{inserts.Count} AS ({InsertRowsSql(table, parameters.Count)} RETURNING 1)");
            parameters.AddRange(columns);
        }

        var counts = string.Join(", ", inserts.Select((_, index) => $"(SELECT count(*) FROM w{index}) AS n{index}"));
        var conditions = inserts.Select((_, index) => $"counted.n{index} = ${parameters.Count + index + 1}").ToList();
        parameters.AddRange(_arrays.Select(array => Parameter.Of(array.Rows)));
        commands.QueryWithOtherPath(
            $"WITH {string.Join(",\n", inserts)}\n{VerificationFindings.RememberSql($"SELECT {counts}", conditions)}",
            row =>
            {
                for (var index = 0; index < _arrays.Count; index++)
                {
                    findings.JudgeCount(_arrays[index].Table, _arrays[index].Rows, row.GetInt64(index));
                }
            },
            [.. parameters]);
    }

    private string InsertRowsSql(TableModel table, int parametersBefore) =>
        $"""
        INSERT INTO {_transaction.Session.Quote(table.Name)} ({Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name))}){(table.SequenceColumn is null ? "" : " OVERRIDING SYSTEM VALUE")}
        {SelectSql(table, parametersBefore)}
        """;

    /// <summary>The parents to join. Of a distributed table those of the new rows alone: Citus would fetch the whole table for an outer join with rows of this statement.</summary>
    private string ParentsSql(VerifiedKey key)
    {
        var parents = _transaction.Session.Quote(key.ForeignKey.ParentTable);
        return Model.Table(key.ForeignKey.ParentTable).Layout.Distribution is null
            ? parents
            : $"(SELECT DISTINCT {string.Join(", ", key.ParentColumns.Distinct().Select(column => $"{key.Alias}.{Identifier.Quote(column)}"))} FROM written AS {VerifiedKey.ChildAlias} JOIN {parents} AS {key.Alias} ON {key.JoinCondition})";
    }

    private string InsertSql(TableModel table, List<string> expectations)
    {
        var columns = Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name));
        var counts = new StringBuilder("count(*) AS n");
        var conditions = new List<string> { $"counted.n = ${table.WrittenColumns.Count() + 1}" };
        var joins = new StringBuilder();
        foreach (var key in VerifiedKey.Of(Model, table, _transaction.Checks.CheckOf(table)))
        {
            var isJoined = key.IsPlain && !ParentLock.IsLeftToVerification(_transaction, _generator, key.ForeignKey);
            if (isJoined)
            {
                joins.Append($" LEFT JOIN {ParentsSql(key)} AS {key.Alias} ON {key.JoinCondition}");
            }

            counts.Append($", {(isJoined ? key.OffendingCountSql : key.LookUpCountSql(_transaction.Schema, "written", locksParents: ParentLock.IsLeftToVerification(_transaction, _generator, key.ForeignKey)))} AS n{expectations.Count}");
            conditions.Add($"counted.n{expectations.Count} = 0");
            expectations.Add(key.Meaning);
        }

        return $"""
            WITH written AS (
                {InsertRowsSql(table, parametersBefore: 0)} RETURNING {columns})
            {VerificationFindings.RememberSql($"SELECT {counts} FROM written AS {VerifiedKey.ChildAlias}{joins}", conditions)}
            """;
    }

    /// <summary>The rows of the arrays.</summary>
    private string SelectSql(TableModel table, int parametersBefore)
    {
        ColumnModel[] columns = [.. table.WrittenColumns];
        var names = columns.Select((_, index) => $"c{index}");
        var values = columns.Select((column, index) =>
            EncodedArray.ElementSql($"c{index}", column.Type, ColumnSql.TypeName(_transaction.Schema, column.Type)));
        var arrays = columns.Select((_, index) => $"${parametersBefore + index + 1}");
        return $"SELECT {string.Join(", ", values)} FROM unnest({string.Join(", ", arrays)}) AS v ({string.Join(", ", names)}) "
            + $"WHERE {SessionSettings.RolePathHolds}";
    }
}
