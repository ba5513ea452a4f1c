using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// What a chunk asks the server before it makes rows, a small one in one round trip: are the tables as remembered, is the chunk new, which
/// rows may be referred to, which sequence values are its own?
/// </summary>
internal sealed class ChunkOpening
{
    // The same few statements every time: a general plan is as good as one made for these very values. It is made once per
    // session, when the tables may be empty and cheapest read whole; every later batch would then read them whole again, so rows
    // are found by place or by key only. A sequence can only be read whole, which then looks so dear that the server would compile
    // the query, 70 ms each time. And a client that vanished must not keep its locks, for which the repeat of its batch waits.
    private const string SettingsSql =
        $"""
        SELECT set_config('plan_cache_mode', $1, true), set_config('enable_seqscan', 'off', true),
               set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
               set_config('jit', 'off', true), {SessionSettings.EndWithClient}
        """;

    private readonly ChunkTransaction _transaction;
    private readonly TargetTables _tables;
    private readonly bool _bySet;
    private readonly Dictionary<string, ParentSampler> _samplers = [];
    private readonly Dictionary<string, (long First, long Last)> _reserved = [];

    public ChunkOpening(ChunkTransaction transaction, TargetTables tables)
    {
        _transaction = transaction;
        _tables = tables;
        _bySet = transaction.Check == ForeignKeyCheck.Set;
    }

    // Citus finds the shards of a statement by its values.
    private bool IsDistributed => _transaction.Model.Tables.Any(table => table.Layout.Distribution is not null);

    private BatchRequest Request => _transaction.Request;

    /// <summary>False when someone changed the tables since they were read: the chunk must start over.</summary>
    public bool TablesAreCurrent { get; private set; }

    /// <summary>Number of the batch; null when the chunk is in the ledger already.</summary>
    public long? BatchNumber { get; private set; }

    /// <summary>Claims the chunk. The first one picks parents and reserves sequence values for all, the others lock those parents.</summary>
    /// <exception cref="StreamingException">A parent that the plan counts on is gone.</exception>
    public async Task ClaimAsync()
    {
        if (_transaction.MakesPlan)
        {
            foreach (var table in TablesWithNewSequenceValues())
            {
                SequenceReservation.Check(table, _tables.Sequences[table.Name], Request.Options.RowsOf(table.Name));
            }
        }

        var commands = _transaction.NewCommands();
        _transaction.Session.Begin(commands);
        MeetIndexFunctions(commands);
        commands.Query(SettingsSql, _ => { }, Parameter.Of(IsDistributed ? "force_custom_plan" : "force_generic_plan"));
        ShardConnections.UseOne(commands, _transaction.Model);
        if (_bySet)
        {
            commands.Add(SessionSettings.TriggersOff);
        }

        if (_transaction.MakesPlan && _transaction.Claim.Chunks > 1)
        {
            AdvisoryLock.TakeOfSchema(commands, AdvisoryLock.Parents, _transaction.Schema, isShared: true);
        }

        // Whoever widens keys locks the ledger first: from the claim to the commit the tables are what they are found to be then.
        BatchLedger.Claim(commands, _transaction.Schema, _transaction.Claim, number => BatchNumber = number);
        _tables.AskWhetherCurrent(commands, _transaction.Schema, _transaction.Model, current => TablesAreCurrent = current);
        if (Request.Options.TotalRows / _transaction.Claim.Chunks > SmallChunk.MaxRows)
        {
            // What follows is much to ask of many tables: not for nothing.
            await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
            if (!TablesAreCurrent || BatchNumber is null)
            {
                return;
            }

            commands = _transaction.NewCommands();
        }

        foreach (var table in _transaction.Model.Tables.Where(table => !NewRowKeys.CanBeRange(table)))
        {
            _transaction.Inserted.Begin(commands, table);
        }

        var parents = _transaction.MakesPlan ? null : ParentLock.Ask(commands, _transaction.Schema, _transaction.Plan, _bySet);
        if (_transaction.MakesPlan)
        {
            AskForParents(commands);
            AskForSequenceValues(commands);
        }

        await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
        parents?.ThrowIfGone();
    }

    /// <summary>
    /// A session reads the expressions of a table's indexes when it first meets the table, and then finds what their functions name: like
    /// triggers, they may rely on the role's search path.
    /// </summary>
    private void MeetIndexFunctions(CommandBatch commands)
    {
        var tables = Request.Model.Tables.Where(table => _tables.Live.Tables[table.Name].Indexes.Exists(index => index.CallsFunctions)).ToList();
        if (tables.Count > 0)
        {
            commands.Query(SessionSettings.UseRolePath, _ => { });
            tables.ForEach(table => commands.Query($"SELECT 1 FROM {_transaction.Session.Quote(table.Name)} LIMIT 0", _ => { }));
            commands.Add(SessionSettings.UseFixedPath);
        }
    }

    /// <summary>The plan for all chunks of the batch.</summary>
    /// <exception cref="StreamingException">A column cannot hold the values, or there are not enough different ones left.</exception>
    public async Task<BatchPlan> MakePlanAsync()
    {
        var plan = Request.Plan(
            BatchNumber!.Value, await GetParentsAsync().ConfigureAwait(false), await GetSequenceValuesAsync().ConfigureAwait(false));
        plan = await RowsBefore.CountAsync(_transaction.Session, plan, _transaction.Token).ConfigureAwait(false);
        try
        {
            return await new UniqueProbe(_transaction.Session, plan).LeaveOutTakenAsync(_transaction.Token).ConfigureAwait(false);
        }
        catch (StreamingException error) when (error.Kind == StreamingErrorKind.ResourceExhausted && plan.Model.Tables.Any(table => table.IsSieved))
        {
            return plan; // the server says which values are left
        }
    }

    private async Task<ExistingParents> GetParentsAsync()
    {
        var collector = new ParentCollector(_transaction.Session, Request, _bySet);
        foreach (var (table, sampler) in _samplers)
        {
            collector.Add(table, await sampler.GetRowsAsync(_transaction.Session, _transaction.Token).ConfigureAwait(false));
        }

        return await collector.CollectAsync(_transaction.Token).ConfigureAwait(false);
    }

    /// <summary>The reserved sequence values per table.</summary>
    private async Task<IReadOnlyDictionary<string, SequenceValues>> GetSequenceValuesAsync()
    {
        var values = new Dictionary<string, SequenceValues>(StringComparer.Ordinal);
        foreach (var table in TablesWithNewSequenceValues())
        {
            var count = Request.Options.RowsOf(table.Name);
            while (!SequenceReservation.IsWhole(_tables.Sequences[table.Name], _reserved[table.Name].First, _reserved[table.Name].Last, count))
            {
                // A stranger drew in between: the values drawn stay unused, as those of a rolled back transaction do.
                var again = _transaction.NewCommands();
                AskForSequenceValues(again, table);
                await _transaction.ExecuteAsync(again).ConfigureAwait(false);
            }

            SequenceReservation.CheckLast(table, _tables.Sequences[table.Name], _reserved[table.Name].Last, count);
            values[table.Name] = new SequenceValues(_reserved[table.Name].First, _tables.Sequences[table.Name].Increment);
        }

        return values;
    }

    private void AskForParents(CommandBatch commands)
    {
        foreach (var table in _transaction.Model.Tables)
        {
            if (Request.ParentsWanted(table) is > 0 and var wanted)
            {
                var sampler = new ParentSampler(table, wanted, Request.Settings) { LockRows = _bySet || StoredKeys.NeedsLock(_transaction.Model, table) };
                sampler.Ask(commands, _transaction.Schema);
                _samplers.Add(table.Name, sampler);
            }
        }
    }

    private void AskForSequenceValues(CommandBatch commands)
    {
        foreach (var table in TablesWithNewSequenceValues())
        {
            AskForSequenceValues(commands, table);
        }
    }

    private void AskForSequenceValues(CommandBatch commands, TableModel table) => SequenceReservation.Reserve(
        commands,
        table,
        _tables.Sequences[table.Name],
        Request.Options.RowsOf(table.Name),
        (first, last) => _reserved[table.Name] = (first, last));

    private IEnumerable<TableModel> TablesWithNewSequenceValues() =>
        _transaction.Model.Tables.Where(table => table.SequenceColumn is not null && Request.Options.RowsOf(table.Name) > 0);
}
