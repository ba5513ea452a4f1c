using System.CommandLine;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that several commands take, each declared once; groups of them have a class of their own beside this one.</summary>
internal static class SharedOptions
{
    private const string Local = "(local without a zone)";

    /// <summary>One table.</summary>
    public static readonly Option<string?> Table = new("--table") { Description = "Table of the rows", HelpName = "name" };

    /// <summary>Several tables.</summary>
    public static readonly Option<string[]> Tables = new("--table")
    {
        Description = "Tables to work on [default: all]",
        HelpName = "name",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>A batch of the ledger.</summary>
    public static readonly Option<Guid?> BatchId = new("--batch-id") { Description = "Id of the batch in the ledger", HelpName = "uuid" };

    /// <summary>The log of events.</summary>
    public static readonly Option<string?> LogPath = new("--log-path")
    {
        Description = "File that gets one JSON line per event; rotated by size",
        HelpName = "file",
    };

    /// <summary>The time for retries.</summary>
    public static readonly Option<TimeSpan> RetryTimeout = DurationOption.Create(
        "--retry-timeout", "Stop retrying this long after the first failure", BatchOptions.DefaultRetryTimeout);

    /// <summary>The time of a query.</summary>
    public static readonly Option<TimeSpan> StatementTimeout = DurationOption.Create(
        "--statement-timeout", "Maximum time for a query; 0s means no limit", ReadOnlySession.DefaultStatementTimeout);

    /// <summary>A plan instead of the work.</summary>
    public static readonly Option<bool> WhatIf = new("--what-if") { Description = "Show what the command would do; change nothing" };

    /// <summary>Consent to a retention that removes almost everything.</summary>
    public static readonly Option<bool> ForceRetention = new("--force") { Description = "Allow a retention of less than a minute" };

    /// <summary>All results of a test for people, and not the findings alone.</summary>
    public static readonly Option<bool> Detailed = new("--detailed") { Description = "Also list the checks that found nothing (--json always does)" };

    /// <summary>The planner's rows instead of a count.</summary>
    public static readonly Option<bool> Estimate = new("--estimate") { Description = "Estimate rows instead of counting them" };

    /// <summary>The time to stop at.</summary>
    public static readonly Option<TimeSpan?> Duration = DurationOption.Create("--duration", "Stop after this long, such as 12h");

    /// <summary>The port of the live page.</summary>
    public static readonly Option<int?> ListenPort = NumberOption.Create(
        "--listen-port", "Port of the page on the loopback address [default: a free one]", ConnectionParameters.MinPort, ConnectionParameters.MaxPort);

    /// <summary>How often a failed transaction is made again.</summary>
    public static Option<int> MaxRetry(int usual) => NumberOption.WithDefault(
        "--max-retry", "Maximum retries after a transient error; 0 disables retries", usual, 0);

    /// <summary>How large a transaction is.</summary>
    public static Option<int> ChunkSize(int usual) => NumberOption.WithDefault(
        "--chunk-size", "Maximum rows per transaction", usual, 1);

    /// <summary>The value of an option; null if the user did not give it.</summary>
    public static int? Asked(ParseResult parsed, Option<int> option) =>
        parsed.GetResult(option) is { Implicit: false } ? parsed.GetValue(option) : null;

    /// <summary>How many results there are.</summary>
    public static Option<int> Top(string what, int usual, int? maximum = null) => NumberOption.WithDefault(
        "--top", $"Maximum number of {what}", usual, 1, maximum);

    /// <summary>How far to look back.</summary>
    public static Option<TimeSpan> Period(TimeSpan usual) => DurationOption.Create("--period", "How far to look back", usual);

    /// <summary>Where a stretch of time begins.</summary>
    /// <param name="what">What lies in it, such as <c>transactions</c>.</param>
    /// <param name="time">The time that decides, such as <c>transaction_date</c>.</param>
    public static Option<DateTime?> Since(string what, string time) =>
        InstantOption.Create("--since", $"Only {what} at or after this time {Local}, by {time}");

    /// <summary>Where a stretch of time ends.</summary>
    /// <param name="what">What lies in it.</param>
    public static Option<DateTime?> Until(string what) => InstantOption.Create("--until", $"Only {what} before this time {Local}");
}

/// <summary>The options that say which rows an analysis takes, and how long it may take.</summary>
internal sealed class AnalyticsOptionGroup
{
    private readonly Option<DateTime?> _since;
    private readonly Option<DateTime?> _until;

    private AnalyticsOptionGroup(string rows, string column)
    {
        _since = SharedOptions.Since(rows, column);
        _until = SharedOptions.Until(rows);
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="rows">What is counted, such as <c>transactions</c>.</param>
    /// <param name="column">The column that says when they were.</param>
    public static AnalyticsOptionGroup AddTo(StreamingCommand command, string rows, string column)
    {
        var options = new AnalyticsOptionGroup(rows, column);
        command.AddOptions(options._since, options._until, SharedOptions.StatementTimeout);
        return options;
    }

    /// <summary>What was requested.</summary>
    public AnalyticsOptions Read(ParseResult parsed) => new()
    {
        Since = parsed.GetValue(_since),
        Until = parsed.GetValue(_until),
        StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
    };
}
