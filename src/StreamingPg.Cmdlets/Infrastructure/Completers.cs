using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Language;
using System.Management.Automation.Runspaces;
using System.Text;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Completes the value of a parameter. Without a word to offer it offers nothing: no value of these parameters is a file.</summary>
public abstract class WordCompleter : IArgumentCompleter
{
    /// <summary>Whoever presses Tab does not wait longer than this for a server.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>The values there are: what is inserted, and what is said of it.</summary>
    /// <param name="given">The other parameters of the command line, as far as they are written out.</param>
    private protected abstract IEnumerable<(string Value, string Tip)> Words(IDictionary given);

    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters)
    {
        var typed = (wordToComplete ?? "").Trim('\'', '"');
        try
        {
            return [.. Words(fakeBoundParameters ?? new Hashtable())
                .Where(word => word.Value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(static word => new CompletionResult(Argument(word.Value), word.Value, CompletionResultType.ParameterValue, word.Tip))];
        }
        catch (Exception exception) when (exception is StreamingException or OperationCanceledException)
        {
            return []; // no tables to read, no server that answers in time: there is nothing to offer, and no place for an error
        }
    }

    /// <summary>Words that say all that there is to say of them.</summary>
    private protected static IEnumerable<(string Value, string Tip)> Plain(IEnumerable<string> words) => words.Select(static word => (word, word));

    /// <summary>The tables that the command line means.</summary>
    private protected static StreamModel Model(IDictionary given) => given["Metadata"] is not { } metadata ? MetadataReader.Default
        : (metadata is PSObject { BaseObject: not string } or IDictionary ? PlainDocument.ToJson(metadata) : $"{metadata}") is var text && MetadataReader.IsText(text)
            ? MetadataReader.Parse(text, own: SessionGenerators.OfThisRunspace())
            : MetadataReader.Load(Path.Combine(CurrentDirectory, text), SessionGenerators.OfThisRunspace());

    /// <summary>Asks the database that the command line means.</summary>
    private protected static T Ask<T>(IDictionary given, Func<DatabaseConnection, CancellationToken, Task<T>> ask)
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        var named = given["Connection"] is PSObject wrapped ? wrapped.BaseObject : given["Connection"];
        var connection = named as DatabaseConnection ?? (named is string name ? runspace.Named(name) : null) ?? runspace.Current
            ?? runspace.Find(new ConnectionParameters(), CurrentDirectory);
        using var limit = new CancellationTokenSource(Patience);
        return Task.Run(() => ask(connection, limit.Token), limit.Token).GetAwaiter().GetResult();
    }

    /// <summary>The folder that relative paths begin in. The runspace is busy with the completion, so that its session state cannot be asked.</summary>
    private static string CurrentDirectory
    {
        get
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            return shell.AddCommand("Get-Location").AddParameter("PSProvider", "FileSystem").Invoke<PathInfo>().Single().ProviderPath;
        }
    }

    /// <summary>The value as PowerShell reads it.</summary>
    private static string Argument(string value) =>
        value.StartsWith('@') || value.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.')
            ? value
            : $"'{CodeGeneration.EscapeSingleQuotedStringContent(value)}'";
}

/// <summary>Completes the locales that the generator knows.</summary>
public sealed class LocaleCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(ValuePools.Locales);
}

/// <summary>Completes the generators that metadata can name.</summary>
public sealed class GeneratorCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        GeneratorRegistry.All.Select(static definition => (definition.Kind, definition.Description))
            .Concat(SessionGenerators.OfThisRunspace().All.Select(static generator => (generator.Name, generator.Description)));
}

/// <summary>Completes the time zones that the machine knows.</summary>
public sealed class TimeZoneCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        TimeZoneInfo.GetSystemTimeZones().Select(static zone => (zone.Id, zone.DisplayName));
}

/// <summary>Completes the names of the tables of -Metadata, or of the default ones.</summary>
public sealed class TableCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        Model(given).Tables.Select(static table => (table.Name, $"{table.Name} ({string.Join(", ", table.Columns.Select(static column => column.Name))})"));
}

/// <summary>Completes -Rows with all tables of -Metadata, or the default ones, and the rows that they get anyway.</summary>
public sealed class RowsCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given)
    {
        var model = Model(given);
        var rows = BatchRows.Of(model, new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true });
        yield return ($"@{{ {string.Join("; ", rows.Select(static table => $"{Key(table.Key)} = {table.Value}"))} }}", "Rows of each table, as they are without -Rows");
    }

    private static string Key(string table) => table.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !char.IsAsciiDigit(table[0])
        ? table
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(table)}'";
}

/// <summary>Completes the latest batches of the ledger; after -Resume those that are incomplete.</summary>
public class BatchIdCompleter : WordCompleter
{
    private const int Latest = 20;

    private protected virtual bool WantsIncomplete(IDictionary given) => given.Contains("Resume");

    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given)
    {
        var filter = new LedgerFilter { Last = Latest, Status = WantsIncomplete(given) ? LedgerStatus.Incomplete : null };
        return Ask(given, (connection, stop) => LedgerReader.ReadAsync(connection, filter, stop)).Reverse().Select(static entry => (
            $"{entry.BatchId}",
            $"{DisplayText.Instant(entry.CommittedAt)}, {DisplayText.Count(entry.TotalRows)} rows, {entry.ChunksLoaded} of {entry.Chunks} chunks, {entry.Kind}"));
    }
}

/// <summary>Completes the latest incomplete batches of the ledger.</summary>
public sealed class IncompleteBatchIdCompleter : BatchIdCompleter
{
    private protected override bool WantsIncomplete(IDictionary given) => true;
}

/// <summary>Completes the schemas of the database.</summary>
public sealed class SchemaCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(Ask(given, DatabaseNames.ReadSchemasAsync));
}

/// <summary>Completes the databases of the server.</summary>
public sealed class DatabaseCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(Ask(given, DatabaseNames.ReadDatabasesAsync));
}

/// <summary>Completes the named connections of this session.</summary>
public sealed class ConnectionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        RunspaceConnections.OfThisRunspace().Opened.Where(static connection => connection.Name.Length > 0)
            .Select(static connection => (connection.Name, connection.ToString()));
}

/// <summary>Completes the checks of the tables of -Metadata, or of the default ones.</summary>
public sealed class CheckCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(
        CheckKind.All.Select(static kind => $"{kind} *").Concat(
            Model(given).Tables.SelectMany(table => CheckKind.All.Select(kind => $"{kind} {table.Name}.*"))));
}

/// <summary>Completes -Threshold with each check and the thresholds that it has anyway.</summary>
public sealed class ThresholdCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => HealthCheck.All.Select(static check => (
        FormattableString.Invariant($"@{{ {check.Name} = {check.Warning}, {check.Critical} }}"),
        $"{check.Name} ({check.Unit}): warning, critical"));
}

/// <summary>Completes durations, by examples of all units.</summary>
public sealed class DurationCompleter : WordCompleter
{
    private static readonly string[] Examples = ["500ms", "10s", "5m", "1h", "1d", "30d"];

    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(Examples);
}

/// <summary>Completes the ways to use TLS.</summary>
public sealed class SslModeCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(SettingsResolver.SslModes);
}

/// <summary>Completes the cultures of dates and numbers.</summary>
public sealed class CultureCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        CultureInfo.GetCultures(CultureTypes.AllCultures).Where(static culture => culture.Name.Length > 0)
            .Select(static culture => (culture.Name, culture.EnglishName));
}

/// <summary>Completes the names of text encodings.</summary>
public sealed class EncodingCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        CodePagesEncodingProvider.Instance.GetEncodings().Concat(Encoding.GetEncodings())
            .Select(static encoding => (encoding.Name, encoding.DisplayName)).DistinctBy(static word => word.Name).OrderBy(static word => word.Name, StringComparer.Ordinal);
}

/// <summary>Completes nothing: neither is there a list of values, nor is a file meant.</summary>
public sealed class FreeValueCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => [];
}
