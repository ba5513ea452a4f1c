using System.Text;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Verifies the rows that a large chunk wrote, by one query per table: that all of them are there, that every foreign key has its
/// parent, and that shared ancestors agree. It looks at these rows and at the parents they may have, found by their keys, so its
/// cost grows with the chunk, not with the table.
/// </summary>
internal sealed class NewRowVerification
{
    private readonly ChunkTransaction _transaction;
    private readonly BatchGenerator _generator;

    public NewRowVerification(ChunkTransaction transaction, BatchGenerator generator)
    {
        _transaction = transaction;
        _generator = generator;
    }

    private StreamModel Model => _transaction.Model;

    /// <summary>Verifies the rows.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public async Task RunAsync()
    {
        var findings = new VerificationFindings();
        var commands = _transaction.NewCommands();
        ParentLock.AskForFirstChunk(commands, _transaction, _generator);

        // Statistics know nothing of rows of this transaction: left alone, the planner would fetch a million rows one by one
        // through the index, which takes four times as long as through a bitmap (measured on PostgreSQL 15), or compile a query
        // that runs for milliseconds.
        commands.Add("SET LOCAL plan_cache_mode = force_custom_plan");
        commands.Add("SET LOCAL enable_seqscan = on");
        commands.Add("SET LOCAL enable_hashjoin = on");
        commands.Add("SET LOCAL enable_mergejoin = on");
        commands.Add("SET LOCAL enable_indexscan = off");
        commands.Add("SET LOCAL work_mem = '128MB'");
        commands.Add("SET LOCAL jit = off");
        foreach (var table in Model.Tables.Where(table => _generator.Rows(table).Count > 0))
        {
            var expected = _generator.Rows(table).Count;
            if (!NewRowKeys.CanBeRange(table))
            {
                _transaction.Inserted.Count(commands, table, count => findings.JudgeCount(table, expected, count));
                continue;
            }

            var meanings = new List<string>();
            var parameters = new List<NpgsqlParameter>();
            var sql = VerificationSql(table, parameters, meanings);
            commands.Query(sql, row => findings.Judge(table, expected, meanings, row), [.. parameters]);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        findings.ThrowIfAny();
    }

    private string VerificationSql(TableModel table, List<NpgsqlParameter> parameters, List<string> meanings)
    {
        var counts = new StringBuilder("count(*)");
        foreach (var key in VerifiedKey.Of(Model, table, SetCheckedTables.CheckOf(Model, table, _transaction.Check)))
        {
            // IN, and not a join: the parents are hashed whatever the planner believes their number to be.
            counts.Append(key.IsPlain && NewRowKeys.CanBeRange(Model.Table(key.ForeignKey.ParentTable))
                ? $", count(*) FILTER (WHERE NOT COALESCE(({key.ChildColumnsSql}) IN ({ParentsSql(key, parameters)}), false))"
                : $", {key.LookUpCountSql(_transaction.Schema, writtenAlias: null)}");
            meanings.Add(key.Meaning);
        }

        return $"SELECT {counts} FROM {_transaction.Session.Quote(table.Name)} AS {VerifiedKey.ChildAlias} "
            + $"WHERE {InRange(VerifiedKey.ChildAlias, table, _generator.Rows(table), parameters)}";
    }

    /// <summary>The parents that new rows may have: new ones by their range, existing ones that they were given by their keys.</summary>
    private string ParentsSql(VerifiedKey key, List<NpgsqlParameter> parameters)
    {
        var parent = Model.Table(key.ForeignKey.ParentTable);
        var select = $"SELECT {Identifier.QuoteList(key.ParentColumns)} FROM {_transaction.Session.Quote(parent.Name)} AS p";
        var sources = new List<string>();
        if (_generator.RowsToReferTo(parent) is { Count: > 0 } rows)
        {
            sources.Add($"{select} WHERE {InRange("p", parent, rows, parameters)}");
        }

        if (_generator.Table(parent.Name) is { ExistingReferredTo: { Count: > 0 } referred, Existing: { } existing })
        {
            parameters.Add(existing.Keys(referred));
            sources.Add($"{select} WHERE p.{Identifier.Quote(parent.PrimaryKey[0])} = ANY ({existing.KeysSql(_transaction.Schema, parameters.Count)})");
        }

        if (_generator.Table(parent.Name) is { EarlierReferredTo: { Count: > 0 } earlier } generator)
        {
            var column = parent.Column(parent.PrimaryKey[0]);
            parameters.Add(ServerValue.Array(column.Type, generator.KeysOf(earlier)));
            sources.Add($"{select} WHERE p.{Identifier.Quote(column.Name)} = ANY ({ColumnSql.ArrayParameter(_transaction.Schema, column.Type, parameters.Count)})");
        }

        return sources.Count > 0 ? string.Join(" UNION ALL ", sources) : $"{select} WHERE false";
    }

    private string InRange(string alias, TableModel table, RowRange rows, List<NpgsqlParameter> parameters)
    {
        var keys = NewRowKeys.Of(_generator.Table(table.Name), rows);
        parameters.Add(new NpgsqlParameter { Value = keys.First });
        parameters.Add(new NpgsqlParameter { Value = keys.Last });
        return $"{alias}.{Identifier.Quote(keys.Column)} BETWEEN ${parameters.Count - 1} AND ${parameters.Count}";
    }
}

/// <summary>What the verification of new rows found: per table one row with its count and the counts of violations.</summary>
internal sealed class VerificationFindings
{
    private readonly List<StreamingException> _violations = [];

    /// <summary>Holds an answer of the server against what was sent.</summary>
    /// <param name="table">The table.</param>
    /// <param name="expected">Rows that were sent.</param>
    /// <param name="meanings">What each count after the first means when it is above zero, a predicate.</param>
    /// <param name="row">The answer.</param>
    public void Judge(TableModel table, long expected, IReadOnlyList<string> meanings, NpgsqlDataReader row)
    {
        JudgeCount(table, expected, row.GetInt64(0));
        for (var index = 0; index < meanings.Count; index++)
        {
            if (row.GetInt64(index + 1) is > 0 and var offending)
            {
                Add(table, $"{offending} new rows of \"{table.Name}\" {meanings[index]}");
            }
        }
    }

    /// <summary>Holds the server's count of rows against what was sent.</summary>
    public void JudgeCount(TableModel table, long expected, long count)
    {
        if (count != expected)
        {
            Add(table, $"{expected} rows of \"{table.Name}\" were sent, but the server has {count} of them");
        }
    }

    /// <summary>Throws when anything was found.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public void ThrowIfAny()
    {
        if (_violations.Count > 0)
        {
            throw _violations[0];
        }
    }

    private void Add(TableModel table, string problem) => _violations.Add(new StreamingException(
        ErrorIds.VerificationFailed,
        StreamingErrorKind.ConstraintViolated,
        $"Verification of the new rows failed: {problem}. Nothing of this transaction was kept.",
        "Run the batch again. If it fails again, check for triggers or other writers that change these tables, and for row-level security that hides the new rows.",
        table.Name));
}
