using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// What a chunk asks the server before it makes rows, in one round trip: are the tables as remembered, is the chunk new, which
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
        SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true),
               set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
               set_config('jit', 'off', true), {SessionSettings.EndWithClient}
        """;

    private readonly Session _session;
    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly BatchRequest _request;
    private readonly TargetTables _target;
    private readonly bool _bySet;
    private readonly Dictionary<string, ParentSampler> _samplers = [];
    private readonly Dictionary<string, (long First, long Last)> _reserved = [];

    public ChunkOpening(Session session, string schema, BatchRequest request, TargetTables target, ForeignKeyCheck check)
    {
        _session = session;
        _open = session.Open;
        _schema = schema;
        _request = request;
        _target = target;
        _bySet = check == ForeignKeyCheck.Set;
        Inserted = new InsertCounter(schema);
    }

    /// <summary>False when someone changed the tables since they were read: the chunk must start over.</summary>
    public bool TablesAreCurrent { get; private set; }

    /// <summary>Counts rows of tables whose new keys are no range.</summary>
    public InsertCounter Inserted { get; }

    /// <summary>Number of the batch; null when the chunk is in the ledger already.</summary>
    public long? BatchNumber { get; private set; }

    /// <summary>Asks for a chunk.</summary>
    /// <param name="claim">Its ledger row.</param>
    /// <param name="plan">The plan; null for the first chunk, which picks parents and reserves values for all.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">A parent that the plan counts on is gone.</exception>
    public async Task AskAsync(LedgerClaim claim, BatchPlan? plan, CancellationToken cancellationToken)
    {
        if (plan is null)
        {
            foreach (var table in TablesWithNewSequenceValues())
            {
                SequenceReservation.Check(table, _target.Sequences[table.Name], _request.Options.RowsOf(table.Name));
            }
        }

        var commands = new CommandBatch(_open);
        _session.Begin(commands);
        commands.Query(SettingsSql, _ => { });
        if (_bySet)
        {
            commands.Add("SET LOCAL session_replication_role = replica");
        }

        _target.AskWhetherCurrent(commands, _schema, _request.Model, current => TablesAreCurrent = current);
        BatchLedger.Claim(commands, _schema, claim, number => BatchNumber = number);
        foreach (var table in _request.Model.Tables.Where(table => !NewRowKeys.CanBeRange(table)))
        {
            Inserted.Begin(commands, table);
        }

        ParentLock? parents = null;
        if (plan is not null)
        {
            parents = _bySet ? ParentLock.Ask(commands, _schema, plan) : null;
        }
        else
        {
            AskForParents(commands);
            foreach (var table in TablesWithNewSequenceValues())
            {
                SequenceReservation.Reserve(
                    commands,
                    table,
                    _target.Sequences[table.Name],
                    _request.Options.RowsOf(table.Name),
                    (first, last) => _reserved[table.Name] = (first, last));
            }
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        parents?.ThrowIfGone();
    }

    /// <summary>The rows that may be referred to, and what goes with them.</summary>
    public async Task<ExistingParents> GetParentsAsync(CancellationToken cancellationToken)
    {
        var collector = new ParentCollector(_open, _schema, _request, _bySet);
        foreach (var (table, sampler) in _samplers)
        {
            collector.Add(table, await sampler.GetRowsAsync(_open, _schema, _bySet, cancellationToken).ConfigureAwait(false));
        }

        return await collector.CollectAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The first reserved sequence value per table.</summary>
    /// <exception cref="StreamingException">The column cannot hold the values.</exception>
    public async Task<IReadOnlyDictionary<string, long>> GetSequenceValuesAsync(CancellationToken cancellationToken)
    {
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var table in TablesWithNewSequenceValues())
        {
            var (first, last) = _reserved[table.Name];
            var count = _request.Options.RowsOf(table.Name);
            while (!SequenceReservation.IsWhole(first, last, count))
            {
                // A stranger drew in between: the values drawn stay unused, as those of a rolled back transaction do.
                var again = new CommandBatch(_open);
                SequenceReservation.Reserve(again, table, _target.Sequences[table.Name], count, (one, other) => (first, last) = (one, other));
                await again.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            SequenceReservation.Check(table, _target.Sequences[table.Name], last, count);
            values[table.Name] = first;
        }

        return values;
    }

    private void AskForParents(CommandBatch commands)
    {
        foreach (var table in _request.Model.Tables)
        {
            if (_request.ParentsWanted(table) is > 0 and var wanted)
            {
                var sampler = new ParentSampler(table, wanted, _request.Settings);
                sampler.Ask(commands, _schema, _bySet);
                _samplers.Add(table.Name, sampler);
            }
        }
    }

    private IEnumerable<TableModel> TablesWithNewSequenceValues() =>
        _request.Model.Tables.Where(table => table.SequenceColumn is not null && _request.Options.RowsOf(table.Name) > 0);
}
