using System.Globalization;
using System.Text.Json;
using StreamingPg.Bench.Measuring;
using StreamingPg.Core.Connections;

namespace StreamingPg.Bench.Rows;

/// <summary>Row 21: the bulk batch of row 2 as a user has it, a fresh pwsh or command line on a server with autovacuum on, against the warm engine.</summary>
internal sealed class FreshProcessBenchmark : IBenchmark
{
    private const string Schema = "bench_fresh";
    private const double Target = 0.95;

    public IReadOnlyList<int> Rows => [21];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        await using var connection = await context.Server.MakeSchemaAsync(Schema, cancellationToken);
        await SetAutovacuumAsync(context, "on", cancellationToken);
        try
        {
            // The engine is warm after two loads.
            await LoadAsync(context, connection, cancellationToken);
            await LoadAsync(context, connection, cancellationToken);
            return await MeasureAsync(context, connection, cancellationToken);
        }
        finally
        {
            await SetAutovacuumAsync(context, "off", CancellationToken.None);
        }
    }

    private static async Task<IReadOnlyList<Finding>> MeasureAsync(BenchContext context, DatabaseConnection connection, CancellationToken cancellationToken)
    {
        var (loads, programs) = (new Dictionary<string, Series>(), new List<(string Name, string Program, string[] Arguments)>());
        var rows = context.Scale.BulkBatch;
        programs.Add(("streamingpg batch", ProductFiles.CommandLine, ["batch", "--users", Text(rows.Users), "--transactions", Text(rows.Transactions), "--details", Text(rows.Details), "--parallel", "2", "--json"]));
        if (ProductFiles.PowerShell is { } powerShell)
        {
            var command = $"Import-Module '{ProductFiles.ModuleManifest.Replace("'", "''", StringComparison.Ordinal)}'; "
                + string.Create(CultureInfo.InvariantCulture, $"(Invoke-StreamingBatch -Users {rows.Users} -Transactions {rows.Transactions} -Details {rows.Details} -Parallel 2).Duration.TotalSeconds");
            programs.Add(("pwsh -NoProfile -c Invoke-StreamingBatch", powerShell, ["-NoProfile", "-NonInteractive", "-Command", command]));
        }

        var contenders = programs.ConvertAll(program => Contender.Timed(program.Name, Empty, async stop =>
        {
            var result = await ChildProcess.RunAsync(program.Program, program.Arguments, context.Server.ForStreamingPg(Schema), stop);
            (loads.TryGetValue(program.Name, out var load) ? load : loads[program.Name] = new Series()).Add([SecondsOfBatch(result.Output)]);
        }));
        contenders.Add(Contender.Timed("the warm engine", Empty, stop => LoadAsync(context, connection, stop)));
        var series = await SideBySide.RunAsync(context.Scale.BulkRounds, contenders, cancellationToken);
        var findings = programs.Select((program, index) => Finding.AtLeast(
            Target,
            21,
            $"{program.Name}, -Parallel 2, a fresh process from its start to its end, autovacuum on",
            "the warm engine",
            Ratio.Of(series[^1], series[index]),
            string.Create(
                CultureInfo.InvariantCulture,
                $"{series[index].Median:0.00} s, of which the batch {loads[program.Name].Median:0.00} s ({series[^1].Median / loads[program.Name].Median:0.00}), against {series[^1].Median:0.00} s"))).ToList();
        if (programs.Count == 1)
        {
            findings.Add(NoPowerShell.Finding(21, "pwsh -NoProfile -c Invoke-StreamingBatch"));
        }

        return findings;

        Task Empty(CancellationToken stop) => context.Server.EmptyAsync(Schema, stop);
    }

    private static Task<BatchResult> LoadAsync(BenchContext context, DatabaseConnection connection, CancellationToken cancellationToken) =>
        context.LoadAsync(connection, context.Scale.BulkBatch, parallel: 2, ForeignKeyCheck.Set, cancellationToken);

    /// <summary>What the batch itself took: a number of seconds, or a duration in the result as JSON.</summary>
    private static double SecondsOfBatch(string output)
    {
        if (!output.StartsWith('{') && !output.StartsWith('['))
        {
            return double.Parse(output, CultureInfo.InvariantCulture);
        }

        using var json = JsonDocument.Parse(output);
        var result = json.RootElement.ValueKind == JsonValueKind.Array ? json.RootElement[0] : json.RootElement;
        var duration = result.EnumerateObject().Single(property => property.Name.Equals("duration", StringComparison.OrdinalIgnoreCase)).Value;
        return duration.ValueKind == JsonValueKind.Number ? duration.GetDouble() : TimeSpan.Parse(duration.GetString()!, CultureInfo.InvariantCulture).TotalSeconds;
    }

    private static async Task SetAutovacuumAsync(BenchContext context, string value, CancellationToken cancellationToken)
    {
        await context.Server.ExecuteAsync($"ALTER SYSTEM SET autovacuum = {value}", cancellationToken);
        await context.Server.ExecuteAsync("SELECT pg_reload_conf()", cancellationToken);
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}
