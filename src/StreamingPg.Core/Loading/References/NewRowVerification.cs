using System.Text;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Verifies the rows that a large chunk wrote, by one query per table: that all of them are there, that every foreign key has its
/// parent, and that shared ancestors agree. It looks at these rows and at the parents they may have, found by their keys or their
/// places, so its cost grows with the chunk, not with the table.
/// </summary>
/// <remarks>
/// The lists of parents and of places are what is expected. Where a row is not in them, it is looked for in the whole table, and its
/// parent one by one, as the triggers would; only what is not found so either is a violation.
/// </remarks>
internal sealed class NewRowVerification
{
    private readonly ChunkTransaction _transaction;
    private readonly BatchGenerator _generator;

    private readonly ForeignKeyCheck _check;

    /// <param name="transaction">The transaction that wrote the rows.</param>
    /// <param name="generator">What made them.</param>
    /// <param name="check">Whether triggers, or keys built since, verified the foreign keys already; what rows must agree with is verified in any case.</param>
    public NewRowVerification(ChunkTransaction transaction, BatchGenerator generator, ForeignKeyCheck check)
    {
        _transaction = transaction;
        _generator = generator;
        _check = check;
    }

    /// <summary>
    /// True when this transaction writes all chunks of the batch: the parents in its first chunk are its own then, nobody else can see or
    /// delete them, and a lock would write each of these rows again.
    /// </summary>
    public bool IsWholeBatch { get; init; }

    private StreamModel Model => _transaction.Model;

    private ForeignKeyCheck CheckOf(TableModel table) => _check == ForeignKeyCheck.Set ? _transaction.Checks.CheckOf(table) : ForeignKeyCheck.Row;

    /// <summary>Verifies the rows.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public Task RunAsync() => RunAsync(_ => true, onlyCounts: false);

    /// <summary>Verifies that the rows of those tables are there whose keys form no range: they are counted before others are written.</summary>
    /// <exception cref="StreamingException">A row is missing.</exception>
    public Task CountAsync() => RunAsync(table => !NewRowKeys.CanBeRange(table), onlyCounts: true);

    /// <summary>Verifies the rows of the other tables, when their indexes are there.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing.</exception>
    public Task VerifyAsync() => RunAsync(NewRowKeys.CanBeRange, onlyCounts: false);

    private async Task RunAsync(Func<TableModel, bool> isWanted, bool onlyCounts)
    {
        var findings = new VerificationFindings();
        var commands = _transaction.NewCommands();
        if (!IsWholeBatch)
        {
            ParentLock.AskForFirstChunk(commands, _transaction, _generator);
        }

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
        var tables = new List<TableVerification>();
        foreach (var table in Model.Tables.Where(table => _generator.Rows(table).Count > 0 && isWanted(table)))
        {
            var check = CheckOf(table);
            var verification = new TableVerification(table, _generator.Rows(table).Count, VerifiedKey.Of(Model, table, check, withLater: check == ForeignKeyCheck.Set, withUnenforced: true));
            if (!NewRowKeys.CanBeRange(table))
            {
                if (table.Layout.Distribution is not null)
                {
                    continue; // what the coordinator counts are its own rows, and Citus has no triggers that could leave some out
                }

                _transaction.Inserted.Count(commands, table, count => findings.JudgeCount(table, verification.Expected, count));
                if (onlyCounts || verification.Keys.Count == 0
                    || (check == ForeignKeyCheck.Row && !table.ForeignKeys.Any(key => StoredKeys.IsUnenforced(Model, table, key))))
                {
                    continue;
                }
            }

            tables.Add(verification);
            Ask(commands, verification, everywhere: false);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        await LookAgainAsync(tables.FindAll(verification => !verification.IsSound(exact: NewRowKeys.CanBeRange(verification.Table)))).ConfigureAwait(false);
        foreach (var verification in tables)
        {
            findings.Judge(verification, exact: NewRowKeys.CanBeRange(verification.Table));
        }

        findings.ThrowIfAny();
    }

    private async Task LookAgainAsync(List<TableVerification> doubtful)
    {
        if (doubtful.Count > 0)
        {
            var commands = _transaction.NewCommands();
            commands.Add("SET LOCAL enable_indexscan = on");
            doubtful.ForEach(verification => Ask(commands, verification, everywhere: true));
            await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        }
    }

    /// <summary>Asks for the counts of a table.</summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="verification">Gets them.</param>
    /// <param name="everywhere">True to look rows up wherever they are.</param>
    private void Ask(CommandBatch commands, TableVerification verification, bool everywhere)
    {
        var table = verification.Table;
        var parameters = new List<NpgsqlParameter>();
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        foreach (var key in verification.Keys)
        {
            if (table.Layout.Distribution is not null && key.IsPlain)
            {
                // Citus joins rows that are on one server; it takes no subquery here.
                joins.Append($" LEFT JOIN {_transaction.Session.Quote(key.ForeignKey.ParentTable)} AS {key.Alias} ON {key.JoinCondition}");
                counts.Append($", {key.OffendingCountSql}");
                continue;
            }

            // IN, and not a join: the parents are hashed whatever the planner believes their number to be.
            counts.Append(everywhere || !IsListed(key)
                ? $", {key.LookUpCountSql(_transaction.Schema, null, locksParents: everywhere || ParentLock.IsLeftToVerification(_transaction, _generator, key.ForeignKey))}"
                : $", {key.NotListedCountSql(ParentsSql(key, parameters))}");
        }

        commands.Query(
            $"SELECT {counts} FROM {_transaction.Session.Quote(table.Name)} AS {VerifiedKey.ChildAlias}{joins} "
                + $"WHERE {AreNewSql(VerifiedKey.ChildAlias, table, _generator.Rows(table), parameters, everywhere)}",
            verification.Read,
            [.. parameters]);
    }

    /// <summary>True when the parents of a key can be listed: new ones of this chunk, or of a range of keys, and existing ones that were picked.</summary>
    private bool IsListed(VerifiedKey key)
    {
        var parent = Model.Table(key.ForeignKey.ParentTable);
        return key.CanBeListed
            && !ParentLock.IsLeftToVerification(_transaction, _generator, key.ForeignKey)
            && (NewRowKeys.CanBeRange(parent) || _generator.Rows(parent).Count == 0 || CheckOf(parent) == ForeignKeyCheck.Set);
    }

    /// <summary>The parents that new rows may have: new ones by their range or their places, existing ones that they were given by their keys.</summary>
    private string ParentsSql(VerifiedKey key, List<NpgsqlParameter> parameters)
    {
        var parent = Model.Table(key.ForeignKey.ParentTable);
        var select = $"SELECT {string.Join(", ", key.ParentColumns.Select(column => $"p.{Identifier.Quote(column)}"))} FROM {_transaction.Session.Quote(parent.Name)} AS p";
        var sources = new List<string>();
        if (_generator.RowsToReferTo(parent) is { Count: > 0 } rows)
        {
            sources.Add($"{select} WHERE {AreNewSql("p", parent, rows, parameters, everywhere: false)}");
        }

        if (_generator.Table(parent.Name) is { ExistingReferredTo: { Count: > 0 } referred, Existing: { } existing })
        {
            sources.Add($"{select} WHERE {ParentSql.Among(_transaction.Schema, "p", key.ForeignKey.ParentColumns, existing, referred, parameters)}");
        }

        if (_generator.Table(parent.Name) is { EarlierReferredTo: { Count: > 0 } earlier } generator)
        {
            var column = parent.Column(parent.PrimaryKey[0]);
            parameters.Add(ServerValue.Array(column.Type, generator.KeysOf(earlier)));
            sources.Add($"{select} WHERE p.{Identifier.Quote(column.Name)} = ANY ({ColumnSql.ArrayParameter(_transaction.Schema, column.Type, parameters.Count)})");
        }

        return sources.Count > 0 ? string.Join(" UNION ALL ", sources) : $"{select} WHERE false";
    }

    private string AreNewSql(string alias, TableModel table, RowRange rows, List<NpgsqlParameter> parameters, bool everywhere)
    {
        if (!NewRowKeys.CanBeRange(table))
        {
            return _transaction.Places.ConditionSql(alias, table, everywhere);
        }

        var keys = NewRowKeys.Of(_generator.Table(table.Name), rows);
        parameters.Add(new NpgsqlParameter { Value = keys.First });
        parameters.Add(new NpgsqlParameter { Value = keys.Last });
        return $"{alias}.{Identifier.Quote(keys.Column)} BETWEEN ${parameters.Count - 1} AND ${parameters.Count}";
    }
}

/// <summary>What the verification of a table counted.</summary>
/// <param name="Table">The table.</param>
/// <param name="Expected">Rows that were sent.</param>
/// <param name="Keys">The keys that are looked up.</param>
internal sealed record TableVerification(TableModel Table, long Expected, IReadOnlyList<VerifiedKey> Keys)
{
    /// <summary>Rows that are there.</summary>
    public long Count { get; private set; }

    /// <summary>Per key, rows that violate it.</summary>
    public long[] Violations { get; private set; } = [];

    /// <summary>True when all rows are there and none violates a key.</summary>
    /// <param name="exact">False where rows of other chunks of the transaction may be counted too.</param>
    public bool IsSound(bool exact) => (exact ? Count == Expected : Count >= Expected) && Violations.All(count => count == 0);

    /// <summary>Takes the server's answer.</summary>
    public void Read(NpgsqlDataReader row)
    {
        Count = row.GetInt64(0);
        Violations = [.. Keys.Select((_, index) => row.GetInt64(index + 1))];
    }
}

/// <summary>What the verification of new rows found: per table one row with its count and the counts of violations.</summary>
internal sealed class VerificationFindings
{
    // Of this transaction only, like every setting that it makes.
    private const string Setting = "streamingpg.unverified";

    private readonly List<StreamingException> _violations = [];

    /// <summary>
    /// A query of the counts that another query gives, which the server keeps in mind when they are not as they must be:
    /// <see cref="RefuseCommit"/> then fails.
    /// </summary>
    /// <param name="counts">The query: one row of bigint.</param>
    /// <param name="conditions">What must hold for its row <c>counted</c>.</param>
    public static string RememberSql(string counts, IEnumerable<string> conditions) =>
        $"SELECT counted.*, CASE WHEN {string.Join(" AND ", conditions)} THEN NULL ELSE set_config('{Setting}', 'on', true) END FROM ({counts}) AS counted";

    /// <summary>Adds a command that fails if a verification before it did, so that the server skips the commit behind it.</summary>
    public static void RefuseCommit(CommandBatch commands) =>
        commands.Query($"SELECT 1 / CASE current_setting('{Setting}', true) WHEN 'on' THEN 0 ELSE 1 END", _ => { });

    /// <summary>Holds the counts of a table against what was sent.</summary>
    /// <param name="verification">The counts.</param>
    /// <param name="exact">False where rows of other chunks of the transaction may be counted too.</param>
    public void Judge(TableVerification verification, bool exact)
    {
        var table = verification.Table;
        if (exact || verification.Count < verification.Expected)
        {
            JudgeCount(table, verification.Expected, verification.Count);
        }

        for (var index = 0; index < verification.Violations.Length; index++)
        {
            Judge(table, verification.Violations[index], verification.Keys[index].Meaning);
        }
    }

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
            Judge(table, row.GetInt64(index + 1), meanings[index]);
        }
    }

    private void Judge(TableModel table, long offending, string meaning)
    {
        if (offending > 0)
        {
            Add(table, $"{offending} new rows of \"{table.Name}\" {meaning}");
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
