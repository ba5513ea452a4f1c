using System.CommandLine;
using System.CommandLine.Completions;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The words that complete a command line beyond the names of commands, options and enumerations.</summary>
internal static class Completions
{
    /// <summary>Whoever presses Tab does not wait longer than this for a server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private const int LatestBatches = 20;

    /// <summary>The words per option, by its name; the options of several commands mean the same.</summary>
    private static readonly Dictionary<string, Func<ParseResult, IEnumerable<string>>> ByOption = new(StringComparer.Ordinal)
    {
        ["--table"] = static parsed => DatabaseOptions.ReadModel(parsed).Tables.Select(static table => table.Name),
        ["--rows"] = static parsed => BatchRows.Of(
                DatabaseOptions.ReadModel(parsed), new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true })
            .Select(static table => $"{table.Key}={table.Value}"),
        ["--locale"] = static _ => ValuePools.Locales,
        ["--check"] = static parsed => CheckKind.All.Select(static kind => $"{kind} *").Concat(
            DatabaseOptions.ReadModel(parsed).Tables.SelectMany(table => CheckKind.All.Select(kind => $"{kind} {table.Name}.*"))),
        ["--threshold"] = static _ => HealthCheck.All.Select(static check => FormattableString.Invariant($"{check.Name}={check.Warning},{check.Critical}")),
        ["--ssl-mode"] = static _ => Core.Server.SettingsResolver.SslModes,
        ["--batch-id"] = static parsed => Ask(parsed, static (connection, stop) => LedgerReader.ReadAsync(connection, new LedgerFilter { Last = LatestBatches }, stop))
            .Reverse().Select(static entry => $"{entry.BatchId}"),
        ["--schema"] = static parsed => Ask(parsed, Core.Connections.DatabaseNames.ReadSchemasAsync),
        ["--database"] = static parsed => Ask(parsed, Core.Connections.DatabaseNames.ReadDatabasesAsync),
    };

    /// <summary>What can stand at a place of a command line.</summary>
    /// <param name="root">The program.</param>
    /// <param name="line">The command line, from the program's name on.</param>
    /// <param name="position">Where the cursor is, in characters.</param>
    /// <returns>The words; null when a file is meant.</returns>
    public static IReadOnlyList<string>? At(Command root, string line, int position)
    {
        var before = line[..Math.Clamp(position, 0, line.Length)];
        var parsed = root.Parse(before);
        var typed = before.Length == 0 || char.IsWhiteSpace(before[^1]) ? "" : parsed.Tokens is [.., var last] ? last.Value : "";
        if (OptionAt(parsed, typed) is not { } option)
        {
            return Matching(parsed.GetCompletions(before.Length).Select(static item => item.Label).Where(static label => label is not ("/?" or "/h" or "-?")), typed);
        }

        return option.HelpName is "file" or "folder" ? null
            : ByOption.TryGetValue(option.Name, out var words) ? Matching(Known(words, parsed), typed)
            : Matching(parsed.GetCompletions(before.Length).Select(static item => item.Label).Where(static label => !label.StartsWith('-')), typed);
    }

    /// <summary>The option whose value is being typed, or null.</summary>
    private static Option? OptionAt(ParseResult parsed, string typed)
    {
        var tokens = parsed.Tokens.Select(static token => token.Value).ToList();
        if (typed.Length > 0)
        {
            tokens.RemoveAt(tokens.Count - 1);
        }

        if (typed.StartsWith('-') || tokens.Count == 0)
        {
            return null;
        }

        var at = tokens.FindLastIndex(static token => token.StartsWith('-'));
        var option = at < 0 ? null : parsed.CommandResult.Command.Options
            .FirstOrDefault(option => option.Name == tokens[at] || option.Aliases.Contains(tokens[at]));
        var values = tokens.Count - 1 - at;
        return option is not null && option.ValueType != typeof(bool) && (values == 0 || option.AllowMultipleArgumentsPerToken) ? option : null;
    }

    private static IReadOnlyList<string> Known(Func<ParseResult, IEnumerable<string>> words, ParseResult parsed)
    {
        if (DatabaseOptions.ReadsStandardInput(parsed.CommandResult))
        {
            return []; // nothing is piped to a command line that is still being typed
        }

        try
        {
            return [.. words(parsed)];
        }
        catch (Exception exception) when (exception is StreamingException or OperationCanceledException)
        {
            return []; // no tables to read, no server that answers in time: there is nothing to offer, and no place for an error
        }
    }

    private static IReadOnlyList<string> Matching(IEnumerable<string> words, string typed) =>
        [.. words.Where(word => word.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).Distinct(StringComparer.Ordinal)];

    /// <summary>Asks the database that the command line means.</summary>
    private static IReadOnlyList<T> Ask<T>(ParseResult parsed, Func<Core.Connections.DatabaseConnection, CancellationToken, Task<IReadOnlyList<T>>> ask)
    {
        using var connection = DatabaseOptions.Connect(parsed);
        using var limit = new CancellationTokenSource(Patience);
        return ask(connection, limit.Token).GetAwaiter().GetResult();
    }
}
