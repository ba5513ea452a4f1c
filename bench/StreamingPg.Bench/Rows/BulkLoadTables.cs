using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Rows;

/// <summary>Empty tables that bulk batches go into, with an index per foreign key as the product makes them, or with keys only.</summary>
internal sealed class BulkLoadTables : IAsyncDisposable
{
    private const string ByTrigger = "COPY FROM file, foreign keys by trigger";
    private const string NoTriggers = "COPY FROM file, triggers off";

    private readonly BenchContext _context;
    private readonly string _schema;
    private readonly string _plainSchema;
    private readonly string _kind;
    private readonly RowFiles _files;
    private readonly DatabaseConnection _superuser;
    private readonly DatabaseConnection _stranger;
    private readonly DatabaseConnection _owner;
    private readonly Dictionary<string, string> _reasons = [];

    private BulkLoadTables(
        BenchContext context,
        (string Schema, string PlainSchema, string Kind) names,
        DatabaseConnection superuser,
        DatabaseConnection stranger,
        DatabaseConnection owner)
    {
        _context = context;
        (_schema, _plainSchema, _kind) = names;
        _files = new RowFiles(context.Server);
        _superuser = superuser;
        _stranger = stranger;
        _owner = owner;
    }

    /// <summary>Makes the tables, and the files of rows for the baselines.</summary>
    public static async Task<BulkLoadTables> MakeAsync(BenchContext context, bool withIndexes, CancellationToken cancellationToken)
    {
        var server = context.Server;
        var names = withIndexes
            ? (Schema: "bench_bulk_indexed", PlainSchema: "bench_bulk_indexed_plain", Kind: "an index per foreign key")
            : (Schema: "bench_bulk", PlainSchema: "bench_bulk_plain", Kind: "keys only");
        var superuser = await server.MakeSchemaAsync(names.Schema, cancellationToken);
        var stranger = await server.GrantPlainRoleAsync(names.Schema, cancellationToken);
        var owner = await server.MakePlainSchemaAsync(names.PlainSchema, cancellationToken);
        var tables = new BulkLoadTables(context, names, superuser, stranger, owner);
        if (!withIndexes)
        {
            await server.DropPlainIndexesAsync(names.Schema, cancellationToken);
            await server.DropPlainIndexesAsync(names.PlainSchema, cancellationToken);
        }

        // The first load makes the files, and warms up what the measured ones use.
        await context.LoadAsync(superuser, context.Scale.BulkBatch, parallel: 1, ForeignKeyCheck.Set, cancellationToken);
        await tables._files.WriteAsync(names.Schema, cancellationToken);
        return tables;
    }

    /// <summary>Measures the rows that are wanted, in turns.</summary>
    public async Task<IReadOnlyList<Finding>> MeasureAsync(CancellationToken cancellationToken)
    {
        var one = Ours("one connection", _superuser, 1, ForeignKeyCheck.Set, _schema);
        var two = Ours("-Parallel 2", _superuser, 2, ForeignKeyCheck.Set, _schema);
        var notOwner = Ours("-Parallel 2, neither the right nor the tables", _stranger, 2, ForeignKeyCheck.Row, _schema);
        var ownerOfEmpty = Ours("-Parallel 2, without the right, owner of the empty tables", _owner, 2, null, _plainSchema);
        var byTrigger = Copy(ByTrigger, withTriggers: true);
        var noTriggers = Copy(NoTriggers, withTriggers: false);
        List<(int Row, double Target, Contender Ours, Contender Baseline)> comparisons =
        [
            (1, 7, one, byTrigger),
            (1, 7, two, byTrigger),
            (2, 0.85, one, noTriggers),
            (2, 1.15, two, noTriggers),
            (3, 1.9, notOwner, byTrigger),
            (3, 4, ownerOfEmpty, byTrigger),
        ];
        comparisons.RemoveAll(comparison => !_context.Wants(comparison.Row));
        var contenders = comparisons.SelectMany(comparison => (Contender[])[comparison.Ours, comparison.Baseline]).Distinct().ToList();
        var series = await SideBySide.RunAsync(_context.Scale.BulkRounds, contenders, cancellationToken);
        return [.. comparisons.Select(comparison => Finding.AtLeast(
            comparison.Target,
            comparison.Row,
            $"bulk batch, {comparison.Ours.Name}; {_kind}",
            comparison.Baseline.Name,
            Ratio.Of(SeriesOf(comparison.Baseline), SeriesOf(comparison.Ours)),
            $"{Rate(SeriesOf(comparison.Ours))} against {Rate(SeriesOf(comparison.Baseline))} rows/s{_reasons[comparison.Ours.Name]}"))];

        Series SeriesOf(Contender contender) => series[contenders.IndexOf(contender)];

        string Rate(Series seconds) => DisplayText.Rate(_context.Scale.BulkBatch.Total / seconds.Median);
    }

    public async ValueTask DisposeAsync()
    {
        await _owner.DisposeAsync();
        await _stranger.DisposeAsync();
        await _superuser.DisposeAsync();
    }

    private Contender Ours(string name, DatabaseConnection connection, int parallel, ForeignKeyCheck? check, string schema) =>
        Contender.Timed(
            name,
            stop => _context.Server.EmptyAsync(schema, stop),
            async stop =>
            {
                var result = await _context.LoadAsync(connection, _context.Scale.BulkBatch, parallel, check, stop);
                _reasons[name] = $", foreign keys by {result.ForeignKeyCheck}: {result.ForeignKeyCheckReason}";
            });

    private Contender Copy(string name, bool withTriggers) => Contender.Timed(
        name,
        stop => _context.Server.EmptyAsync(_schema, stop),
        stop => _files.LoadAsync(_superuser, withTriggers, _context.Scale.BulkBatch, stop));
}
