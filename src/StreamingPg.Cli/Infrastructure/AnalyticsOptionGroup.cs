using System.CommandLine;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say which rows an analysis takes, and how long it may take.</summary>
internal sealed class AnalyticsOptionGroup
{
    private readonly Option<DateTime?> _since;
    private readonly Option<DateTime?> _until;

    private readonly Option<TimeSpan> _statementTimeout = StatementTimeoutOption.Create();

    private AnalyticsOptionGroup(string rows, string column)
    {
        _since = InstantOption.Create("--since", $"Only {rows} at or after this time (local unless it has a zone), by {column}");
        _until = InstantOption.Create("--until", $"Only {rows} before this time (local unless it has a zone)");
    }

    /// <summary>Adds the options to a command.</summary>
    /// <param name="command">The command.</param>
    /// <param name="rows">What is counted, such as <c>transactions</c>.</param>
    /// <param name="column">The column that says when they were.</param>
    public static AnalyticsOptionGroup AddTo(Command command, string rows, string column)
    {
        var options = new AnalyticsOptionGroup(rows, column);
        command.Options.Add(options._since);
        command.Options.Add(options._until);
        command.Options.Add(options._statementTimeout);
        return options;
    }

    /// <summary>What was asked for.</summary>
    public AnalyticsOptions Read(ParseResult parsed) => new()
    {
        Since = parsed.GetValue(_since),
        Until = parsed.GetValue(_until),
        StatementTimeout = parsed.GetValue(_statementTimeout),
    };
}
