using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench.Rows;

/// <summary>PostgreSQL's own load generator with our script of small batches.</summary>
internal sealed class PgBench
{
    private readonly BenchServer _server;
    private readonly string _schema;
    private readonly string _script;

    /// <param name="server">The server.</param>
    /// <param name="schema">Schema that it loads.</param>
    public PgBench(BenchServer server, string schema)
    {
        _server = server;
        _schema = schema;
        _script = Path.Combine(AppContext.BaseDirectory, "Scripts", "small-batch.pgbench.sql");
    }

    /// <summary>A contender whose samples are the seconds of each transaction.</summary>
    /// <param name="mode">pgbench's query mode: simple or prepared.</param>
    /// <param name="transactions">Transactions of a round.</param>
    public Contender Contender(string mode, int transactions) => new(
        $"pgbench -M {mode}", _ => Task.CompletedTask, cancellationToken => RunAsync(mode, transactions, cancellationToken));

    private async Task<IReadOnlyList<double>> RunAsync(string mode, int transactions, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("streamingpg-pgbench-");
        try
        {
            await ChildProcess.RunAsync(
                _server.Program("pgbench"),
                [
                    "--no-vacuum", "--client=1", $"--protocol={mode}", $"--file={_script}",
                    string.Create(CultureInfo.InvariantCulture, $"--transactions={transactions}"),
                    "--log", $"--log-prefix={Path.Combine(folder.FullName, "log")}",
                ],
                _server.ForPostgresPrograms(_schema),
                cancellationToken);
            return ReadLog(folder);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The third field of each line is the transaction's time in microseconds.</summary>
    private static double[] ReadLog(DirectoryInfo folder) =>
    [
        .. folder.EnumerateFiles()
            .SelectMany(file => File.ReadLines(file.FullName))
            .Select(line => double.Parse(line.Split(' ')[2], CultureInfo.InvariantCulture) / 1e6),
    ];
}
