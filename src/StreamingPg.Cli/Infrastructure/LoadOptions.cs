using System.CommandLine;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say how a batch is loaded, and what happens when that fails.</summary>
internal sealed class LoadOptions
{
    private readonly RowOptions _rows;

    private readonly Option<double> _existingRatio = new Option<double>("--existing-user-ratio")
    {
        Description = "Share of references, 0 to 1, that go to rows that were there before",
        HelpName = "number",
        DefaultValueFactory = _ => 0.5,
    }.Between(0, 1);

    private readonly Option<int> _chunkSize = new Option<int>("--chunk-size")
    {
        Description = "Most rows of one transaction; a larger batch is cut into parts",
        HelpName = "number",
        DefaultValueFactory = _ => BatchOptions.DefaultChunkSize,
    }.AtLeast(1);

    private readonly Option<int> _parallel = new Option<int>("--parallel")
    {
        Description = "Connections that load parts at the same time",
        HelpName = "number",
        DefaultValueFactory = _ => 1,
    }.Between(1, 64);

    private readonly Option<ForeignKeyCheck> _check = new("--foreign-key-check")
    {
        Description = "How foreign keys are proven: by the triggers of each row, by one query per set, or the faster one allowed",
    };

    private readonly Option<int> _maxRetry;

    private readonly Option<TimeSpan> _retryTimeout = DurationOption.Create(
        "--retry-timeout", "No retry this long after the first failure", BatchOptions.DefaultRetryTimeout, TimeSpan.Zero);

    private readonly Option<TimeSpan> _stallTimeout = DurationOption.Create(
        "--stall-timeout", "Treat the server as failed if it is silent for this long", BatchOptions.DefaultStallTimeout, TimeSpan.FromMilliseconds(1));

    private readonly Option<string?> _logPath = new("--log-path")
    {
        Description = "File that gets a JSON line per event; put aside with a number when it gets large",
        HelpName = "file",
    };

    private LoadOptions(Command command, int defaultMaxRetry)
    {
        _rows = RowOptions.AddTo(command);
        _maxRetry = new Option<int>("--max-retry")
        {
            Description = "Most repeats of a transaction that failed for a passing reason; 0 fails at once",
            HelpName = "number",
            DefaultValueFactory = _ => defaultMaxRetry,
        }.AtLeast(0);
        foreach (var option in new Option[]
        {
            _existingRatio, _chunkSize, _parallel, _check, _maxRetry, _retryTimeout, _stallTimeout, _logPath,
        })
        {
            command.Options.Add(option);
        }
    }

    /// <summary>Adds the options to a command.</summary>
    public static LoadOptions AddTo(Command command, int defaultMaxRetry) => new(command, defaultMaxRetry);

    /// <summary>The batch that was asked for.</summary>
    public BatchOptions Read(ParseResult parsed, StreamModel model)
    {
        var (rows, ofMetadata) = _rows.Asked(parsed, model);
        return new BatchOptions
        {
            Rows = rows,
            RowsOfMetadata = ofMetadata,
            ExistingRatio = parsed.GetValue(_existingRatio),
            Seed = _rows.Seed(parsed),
            ReferenceTime = _rows.ReferenceTime(parsed),
            Locale = _rows.Locale(parsed),
            ChunkSize = parsed.GetValue(_chunkSize),
            Parallel = parsed.GetValue(_parallel),
            ForeignKeyCheck = parsed.GetValue(_check),
            MaxRetry = parsed.GetValue(_maxRetry),
            RetryTimeout = parsed.GetValue(_retryTimeout),
            StallTimeout = parsed.GetValue(_stallTimeout),
        };
    }

    /// <summary>Where events go: warnings to standard error, all of them to the log that was asked for.</summary>
    public EventOutput OpenEvents(ParseResult parsed) =>
        new(parsed.GetValue(_logPath) is { } path ? new EventLog(path, EventOutput.Warn) : null);
}
