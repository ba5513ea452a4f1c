using System.CommandLine;
using System.Globalization;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say how a batch is loaded, and what happens when that fails.</summary>
internal sealed class LoadOptions
{
    private static readonly Option<double> ExistingRatio = NumberOption.WithDefault(
        "--existing-ratio",
        "Share of references, 0 to 1, that go to existing rows",
        BatchOptions.DefaultExistingRatio,
        BatchOptions.MinExistingRatio,
        BatchOptions.MaxExistingRatio);

    private static readonly Option<EventTime?> EventTime = new("--event-time")
    {
        Description = "When events happen: Now, since the tick before (default of a stream), or Spread over a time span (default of a batch)",
    };

    private static readonly Option<TimeSpan?> EventSpan = DurationOption.Create(
        "--time-span", "How far before the reference time events lie [default: 30d, and 2 years for rows without parents; 1m with Now]");

    private static readonly Option<RatePattern?> Pattern = new("--rate-pattern")
    {
        Description = "How events, and the rate of a stream, vary over the week [default: the $rhythm of the metadata, else Flat]",
    };

    private static readonly Option<string?> TimeZone = new("--time-zone")
    {
        Description = "Time zone of --rate-pattern, such as Europe/Berlin [default: UTC]",
        HelpName = "name",
    };

    private static readonly Option<string[]> DateFactor = new("--date-factor")
    {
        Description = "Factors of dates such as holidays, 2026-11-27=4 for one day or 12-25=0.2 for every year",
        HelpName = "date=factor",
        AllowMultipleArgumentsPerToken = true,
        Validators =
        {
            result =>
            {
                foreach (var text in result.GetValueOrDefault<string[]?>() ?? [])
                {
                    if (!TryReadFactor(text, out _, out _))
                    {
                        result.AddError($"--date-factor '{text}' does not have the form 12-25=0.2.");
                    }
                }
            },
        },
    };

    private static readonly Option<double?> Late = NumberOption.Create("--late", "Share of the rows, 0 to 1, that arrive late: their events lie back", 0.0, 1.0);

    private static readonly Option<string?> LateBy = new("--late-by")
    {
        Description = $"How late they are: two durations, or one [default: {LateModel.DefaultRange}]",
        HelpName = "range",
    };

    private static readonly Option<int> ChunkSize = SharedOptions.ChunkSize(BatchOptions.DefaultChunkSize);

    private static readonly Option<int> Parallel = NumberOption.WithDefault(
        "--parallel", "Connections that load chunks at the same time", BatchOptions.DefaultConnections, 1, BatchOptions.MaxConnections);

    private static readonly Option<ForeignKeyCheck> Check = new("--foreign-key-check")
    {
        Description = "How foreign keys are verified: row by row with triggers, with one query per key, or the fastest allowed way",
    };

    private static readonly Option<bool> Statistics = new("--statistics")
    {
        Description = "Measure the bottleneck: row generation, the network or the server",
    };

    private static readonly Option<TimeSpan> StallTimeout = DurationOption.Create(
        "--stall-timeout", "Treat the server as failed if it is silent for this long", BatchOptions.DefaultStallTimeout);

    private static readonly Option<TableChangeAction> OnSchemaChange = new("--on-schema-change")
    {
        Description = "Whether to stop if columns are wider than the metadata says, or if columns or keys change during a stream; "
            + "or to continue if the rows still fit",
    };

    private readonly Option<int> _maxRetry;

    static LoadOptions() => ExistingRatio.Aliases.Add("--existing-user-ratio");

    private LoadOptions(StreamingCommand command, int defaultMaxRetry, bool isHistory)
    {
        _maxRetry = SharedOptions.MaxRetry(defaultMaxRetry);
        if (isHistory)
        {
            RowOptions.AddWithoutTimeTo(command);
            command.AddOptions(
                Pattern, TimeZone, DateFactor, ChunkSize, Check, OnSchemaChange, Statistics, _maxRetry, SharedOptions.RetryTimeout, StallTimeout, SharedOptions.LogPath);
            return;
        }

        RowOptions.AddTo(command);
        command.AddOptions(
            EventTime, EventSpan, Pattern, TimeZone, DateFactor, Late, LateBy, ExistingRatio, ChunkSize, Parallel, Check, OnSchemaChange, Statistics, _maxRetry, SharedOptions.RetryTimeout, StallTimeout, SharedOptions.LogPath);
    }

    /// <summary>Adds the options to a command.</summary>
    public static LoadOptions AddTo(StreamingCommand command, int defaultMaxRetry) => new(command, defaultMaxRetry, isHistory: false);

    /// <summary>Adds those that a history has.</summary>
    public static LoadOptions AddToHistory(StreamingCommand command) => new(command, BatchOptions.DefaultMaxRetry, isHistory: true);

    /// <summary>The batch that was requested.</summary>
    public BatchOptions Read(ParseResult parsed, StreamModel model) => new()
    {
        Rows = RowOptions.Asked(parsed, model),
        RowsOfMetadata = true,
        ExistingRatio = parsed.GetValue(ExistingRatio),
        Seed = parsed.GetValue(RowOptions.Seed),
        ReferenceTime = parsed.GetValue(RowOptions.ReferenceTime),
        EventTime = parsed.GetValue(EventTime),
        EventSpan = parsed.GetValue(EventSpan),
        Late = LateModel.Of(parsed.GetValue(Late), parsed.GetValue(LateBy)),
        Rhythm = RhythmModel.Of(model, parsed.GetValue(Pattern), parsed.GetValue(TimeZone), ReadFactors(parsed)),
        Locale = parsed.GetValue(RowOptions.Locale)!,
        ChunkSize = SharedOptions.Asked(parsed, ChunkSize),
        Parallel = parsed.GetValue(Parallel),
        ForeignKeyCheck = parsed.GetValue(Check),
        OnSchemaChange = parsed.GetValue(OnSchemaChange),
        Statistics = parsed.GetValue(Statistics),
        MaxRetry = parsed.GetValue(_maxRetry),
        RetryTimeout = parsed.GetValue(SharedOptions.RetryTimeout),
        StallTimeout = parsed.GetValue(StallTimeout),
    };

    private static Dictionary<string, double> ReadFactors(ParseResult parsed)
    {
        var factors = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var text in parsed.GetValue(DateFactor) ?? [])
        {
            TryReadFactor(text, out var date, out var factor);
            factors[date] = factor;
        }

        return factors;
    }

    private static bool TryReadFactor(string text, out string date, out double factor)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        (date, factor) = (parts[0], 0);
        return parts.Length == 2 && date.Length > 0 && double.TryParse(parts[1], NumberStyles.Float, CultureInfo.InvariantCulture, out factor);
    }

    /// <summary>Where events go: warnings to standard error, all of them to the log that was requested.</summary>
    public static EventOutput OpenEvents(ParseResult parsed) =>
        new(parsed.GetValue(SharedOptions.LogPath) is { } path ? new EventLog(path, EventOutput.Warn) : null);
}
