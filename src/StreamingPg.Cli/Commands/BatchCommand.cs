using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cli.Commands;

/// <summary>Generates, loads, proves and commits one batch.</summary>
internal static class BatchCommand
{
    private static readonly Option<double> ExistingRatio = new Option<double>("--existing-user-ratio")
    {
        Description = "Share of references, 0 to 1, that go to rows that were there before",
        HelpName = "number",
        DefaultValueFactory = _ => 0.5,
    }.Between(0, 1);

    private static readonly Option<int> ChunkSize = new Option<int>("--chunk-size")
    {
        Description = "Most rows of one transaction; a larger batch is cut into parts",
        HelpName = "number",
        DefaultValueFactory = _ => BatchOptions.DefaultChunkSize,
    }.AtLeast(1);

    private static readonly Option<int> Parallel = new Option<int>("--parallel")
    {
        Description = "Connections that load parts at the same time",
        HelpName = "number",
        DefaultValueFactory = _ => 1,
    }.Between(1, 64);

    private static readonly Option<Guid?> BatchId = new("--batch-id")
    {
        Description = "Key of the batch in the ledger; one that is there already is not loaded again",
        HelpName = "uuid",
    };

    private static readonly Option<ForeignKeyCheck> Check = new("--foreign-key-check")
    {
        Description = "How foreign keys are proven: by the triggers of each row, by one query per set, or the faster one allowed",
    };

    public static Command Create()
    {
        var command = new StreamingCommand(
            "batch",
            "Generates a batch of rows, loads it with its foreign keys, proves the new rows and commits: all of it or nothing.",
            "batch",
            "batch --users 100 --transactions 500 --details 1000 --seed 42",
            "batch --users 100000 --transactions 300000 --details 1000000 --parallel 2 --json");
        var rows = RowOptions.AddTo(command);
        foreach (var option in new Option[] { ExistingRatio, ChunkSize, Parallel, BatchId, Check })
        {
            command.Options.Add(option);
        }

        var database = DatabaseOptions.AddTo(command);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = database.ReadModel(parsed);
            await using var connection = database.Connect(parsed);
            using var progress = ProgressLine.ForTerminal();
            var result = await BatchRunner.RunAsync(
                connection, model, Options(parsed, rows), progress, cancellationToken).ConfigureAwait(false);
            Write(result, output);
            return ExitCode.Done;
        });
        return command;
    }

    private static BatchOptions Options(ParseResult parsed, RowOptions rows) => new()
    {
        Rows = new Dictionary<string, long>
        {
            ["users"] = rows.Users(parsed),
            ["transactions"] = rows.Transactions(parsed),
            ["detailed_transactions"] = rows.Details(parsed),
        },
        ExistingRatio = parsed.GetValue(ExistingRatio),
        Seed = rows.Seed(parsed),
        ReferenceTime = rows.ReferenceTime(parsed),
        Locale = rows.Locale(parsed),
        BatchId = parsed.GetValue(BatchId),
        ChunkSize = parsed.GetValue(ChunkSize),
        Parallel = parsed.GetValue(Parallel),
        ForeignKeyCheck = parsed.GetValue(Check),
    };

    private static void Write(BatchResult result, ResultWriter output)
    {
        output.Write(
            result,
            ("batch", $"{result.BatchNumber} ({result.BatchId})" + (result.AlreadyLoaded ? ", loaded before: nothing was done now" : "")),
            ("rows", string.Join(", ", result.Tables.Select(table => $"{table.Table} +{DisplayText.Count(table.Rows)}"))),
            ("time", $"{DisplayText.Duration(result.Duration)}, {DisplayText.Rate(result.RowsPerSecond)} rows/s"),
            ("of which", $"generate {DisplayText.Duration(result.GenerateTime)}, load {DisplayText.Duration(result.LoadTime)}, "
                + $"verify {DisplayText.Duration(result.VerifyTime)}, commit {DisplayText.Duration(result.CommitTime)}"),
            ("foreign keys", $"by {result.ForeignKeyCheck}: {result.ForeignKeyCheckReason}"),
            ("seed", $"{result.Seed}"),
            ("server", result.Server));
    }
}
