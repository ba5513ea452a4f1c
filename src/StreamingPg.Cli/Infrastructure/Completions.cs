using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>A word that completes a command line.</summary>
/// <param name="Text">The word.</param>
/// <param name="Tip">What a shell shows beside it, or nothing.</param>
internal sealed record CompletionWord(string Text, string Tip = "");

/// <summary>The words that complete a command line beyond the names of commands, options and enumerations.</summary>
internal static class Completions
{
    /// <summary>Whoever presses Tab does not wait longer than this for a server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The words per option, by its name; the options of several commands mean the same.</summary>
    private static readonly Dictionary<string, Func<ParseResult, IEnumerable<CompletionWord>>> ByOption = new(StringComparer.Ordinal)
    {
        ["--table"] = static parsed => Plain(DatabaseOptions.ReadModel(parsed).Tables.Select(static table => table.Name)),
        ["--rows"] = static parsed => Plain(BatchRows.Of(
                DatabaseOptions.ReadModel(parsed), new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true })
            .Select(static table => $"{table.Key}={table.Value}")),
        ["--locale"] = static _ => Plain(ValuePools.Locales),
        ["--name"] = static parsed => parsed.CommandResult.Command.Name == "generators"
            ? GeneratorRegistry.All.Select(static generator => new CompletionWord(generator.Kind, generator.Description))
            : parsed.CommandResult.Parent is CommandResult { Command.Name: "snapshot" }
                ? Ask(parsed, SnapshotsAsync).Select(static snapshot => new CompletionWord(snapshot.Name, $"{DisplayText.Instant(snapshot.SavedAt)}, {DisplayText.Bytes(snapshot.Bytes)}"))
                : [],
        ["--model"] = static _ => MetadataModel.All.Select(static model => new CompletionWord(model.Name, model.Description)),
        ["--check"] = static parsed => Plain(CheckKind.Patterns(DatabaseOptions.ReadModel(parsed))),
        ["--threshold"] = static _ => HealthCheck.All.Select(static check => new CompletionWord(
            FormattableString.Invariant($"{check.Name}={check.Warning},{check.Critical}"), $"{check.Unit}: warning, critical")),
        ["--ssl-mode"] = static _ => Plain(Core.Server.SettingsResolver.SslModes),
        ["--batch-id"] = Batches,
        ["--schema"] = static parsed => Plain(Ask(parsed, Core.Connections.DatabaseNames.ReadSchemasAsync)),
        ["--database"] = static parsed => Plain(Ask(parsed, Core.Connections.DatabaseNames.ReadDatabasesAsync)),
    };

    /// <summary>What can stand at a place of a command line.</summary>
    /// <param name="root">The program.</param>
    /// <param name="line">The command line, from the program's name on.</param>
    /// <param name="position">Where the cursor is, in characters.</param>
    /// <returns>The words; null when a file is meant.</returns>
    public static IReadOnlyList<CompletionWord>? At(Command root, string line, int position)
    {
        var before = line[..Math.Clamp(position, 0, line.Length)];
        var parsed = root.Parse(before);
        var typed = before.Length == 0 || char.IsWhiteSpace(before[^1]) ? "" : parsed.Tokens is [.., var last] ? last.Value : "";
        if (OptionAt(parsed, typed) is not var (option, tokens))
        {
            return Matching(Labels(static label => label is not ("/?" or "/h" or "-?" or "True" or "False")), typed);
        }

        return option.HelpName is "file" or "folder" ? null
            : ByOption.TryGetValue(option.Name, out var words) ? Matching(Known(words, root.Parse(tokens)), typed)
            : Matching(Labels(static label => !label.StartsWith('-')), typed);

        IEnumerable<CompletionWord> Labels(Func<string, bool> wanted) =>
            parsed.GetCompletions(before.Length).Where(item => wanted(item.Label)).Select(static item => new CompletionWord(item.Label, item.Detail ?? ""));
    }

    /// <summary>The option whose value is being typed, and what stands before it; or null.</summary>
    private static (Option Option, IReadOnlyList<string> Before)? OptionAt(ParseResult parsed, string typed)
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
        return option is not null && option.ValueType != typeof(bool) && (values == 0 || option.AllowMultipleArgumentsPerToken)
            ? (option, tokens[..at])
            : null;
    }

    private static IReadOnlyList<CompletionWord> Known(Func<ParseResult, IEnumerable<CompletionWord>> words, ParseResult parsed)
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

    private static IReadOnlyList<CompletionWord> Matching(IEnumerable<CompletionWord> words, string typed) =>
        [.. words.Where(word => word.Text.StartsWith(typed, StringComparison.OrdinalIgnoreCase)).DistinctBy(static word => word.Text, StringComparer.Ordinal)];

    private static IEnumerable<CompletionWord> Plain(IEnumerable<string> words) => words.Select(static word => new CompletionWord(word));

    /// <summary>The latest batches; those that can be resumed or closed where that is asked.</summary>
    private static IEnumerable<CompletionWord> Batches(ParseResult parsed)
    {
        var isUnfinished = parsed.CommandResult.Command.Name == "close" || parsed.Tokens.Any(static token => token.Value == "--resume");
        return Ask(parsed, (connection, stop) => LedgerReader.ReadAsync(connection, LedgerFilter.ToOffer(isUnfinished), stop)).Reverse()
            .Select(static entry => new CompletionWord($"{entry.BatchId}", LedgerFilter.Describe(entry)));
    }

    private static async Task<IReadOnlyList<StreamingSnapshot>> SnapshotsAsync(Core.Connections.DatabaseConnection connection, CancellationToken cancellationToken)
    {
        await using var store = SnapshotStore.Of(connection);
        return await store.ListAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Asks the database that the command line means.</summary>
    private static IReadOnlyList<T> Ask<T>(ParseResult parsed, Func<Core.Connections.DatabaseConnection, CancellationToken, Task<IReadOnlyList<T>>> ask)
    {
        using var connection = DatabaseOptions.Connect(parsed);
        using var limit = new CancellationTokenSource(Patience);
        return ask(connection, limit.Token).GetAwaiter().GetResult();
    }
}
