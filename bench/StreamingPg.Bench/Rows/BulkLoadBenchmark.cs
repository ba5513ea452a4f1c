using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>Rows 1 to 3: a bulk batch into empty tables, against the server's own COPY from a file of the same rows.</summary>
internal sealed class BulkLoadBenchmark : IBenchmark
{
    private const string Schema = "bench_bulk";
    private const string PlainSchema = "bench_bulk_plain";
    private const string ByTrigger = "COPY FROM file, foreign keys by trigger";
    private const string NoTriggers = "COPY FROM file, triggers off";

    public IReadOnlyList<int> Rows => [1, 2, 3];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var server = context.Server;
        var batch = context.Scale.BulkBatch;
        await using var superuser = await server.MakeSchemaAsync(Schema, cancellationToken);
        await using var stranger = await server.GrantPlainRoleAsync(Schema, cancellationToken);
        await using var owner = await server.MakePlainSchemaAsync(PlainSchema, cancellationToken);

        // The first load makes the files, and warms up what the measured ones use.
        var files = new RowFiles(server);
        var reasons = new Dictionary<string, string>();
        await context.LoadAsync(superuser, batch, parallel: 1, ForeignKeyCheck.Set, cancellationToken);
        await files.WriteAsync(Schema, cancellationToken);

        var one = Ours("one connection", superuser, 1, ForeignKeyCheck.Set, Schema);
        var two = Ours("-Parallel 2", superuser, 2, ForeignKeyCheck.Set, Schema);
        var notOwner = Ours("-Parallel 2, neither the right nor the tables", stranger, 2, ForeignKeyCheck.Row, Schema);
        var ownerOfEmpty = Ours("-Parallel 2, without the right, owner of the empty tables", owner, 2, null, PlainSchema);
        var byTrigger = Copy(ByTrigger, withTriggers: true);
        var noTriggers = Copy(NoTriggers, withTriggers: false);

        List<Contender> contenders = [];
        contenders.AddRange(context.Wants(1) || context.Wants(2) ? [one, two] : []);
        contenders.AddRange(context.Wants(3) ? [notOwner, ownerOfEmpty] : []);
        contenders.AddRange(context.Wants(1) || context.Wants(3) ? [byTrigger] : []);
        contenders.AddRange(context.Wants(2) ? [noTriggers] : []);
        var series = await SideBySide.RunAsync(context.Scale.BulkRounds, contenders, cancellationToken);

        var findings = new List<Finding>();
        if (context.Wants(1))
        {
            findings.Add(Compare(7, 1, one, byTrigger));
            findings.Add(Compare(7, 1, two, byTrigger));
        }

        if (context.Wants(2))
        {
            findings.Add(Compare(0.85, 2, one, noTriggers));
            findings.Add(Compare(1.15, 2, two, noTriggers));
        }

        if (context.Wants(3))
        {
            findings.Add(Compare(1.9, 3, notOwner, byTrigger));
            findings.Add(Compare(4, 3, ownerOfEmpty, byTrigger));
        }

        return findings;

        Contender Ours(
            string name, Core.Connections.DatabaseConnection connection, int parallel, ForeignKeyCheck? check, string schema) =>
            Contender.Timed(
                name,
                stop => server.EmptyAsync(schema, stop),
                async stop =>
                {
                    var result = await context.LoadAsync(connection, batch, parallel, check, stop);
                    reasons[name] = $", foreign keys by {result.ForeignKeyCheck}: {result.ForeignKeyCheckReason}";
                });

        Contender Copy(string name, bool withTriggers) => Contender.Timed(
            name,
            stop => server.EmptyAsync(Schema, stop),
            stop => files.LoadAsync(superuser, withTriggers, batch, stop));

        Finding Compare(double target, int row, Contender ours, Contender baseline)
        {
            var (our, their) = (series[contenders.IndexOf(ours)], series[contenders.IndexOf(baseline)]);
            return Finding.AtLeast(
                target,
                row,
                $"bulk batch, {ours.Name}",
                baseline.Name,
                Ratio.Of(their, our),
                $"{Rate(our)} against {Rate(their)} rows/s{reasons[ours.Name]}");
        }

        string Rate(Series seconds) => DisplayText.Rate(batch.Total / seconds.Median);
    }
}
