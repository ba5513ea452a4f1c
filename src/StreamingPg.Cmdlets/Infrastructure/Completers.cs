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
        return Results(Words, fakeBoundParameters ?? new Hashtable(), (wordToComplete ?? "").Trim('\'', '"'), Argument);
    }

    /// <summary>The keys of a hash table that is the value: what is inserted, and what is said of it.</summary>
    /// <param name="given">The other parameters of the command line, as far as they are written out.</param>
    private protected virtual IEnumerable<(string Value, string Tip)> KeyWords(IDictionary given) => [];

    /// <summary>The keys that begin with a word.</summary>
    internal IEnumerable<CompletionResult> Keys(IDictionary given, string word) => Results(KeyWords, given, word, Key);

    private static IReadOnlyList<CompletionResult> Results(
        Func<IDictionary, IEnumerable<(string Value, string Tip)>> words, IDictionary given, string typed, Func<string, string> write)
    {
        try
        {
            return [.. words(given)
                .Where(word => word.Value.StartsWith(typed, StringComparison.OrdinalIgnoreCase))
                .Select(word => new CompletionResult(write(word.Value), word.Value, CompletionResultType.ParameterValue, word.Tip))];
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
        var parameters = Parameters(given);
        var named = parameters.HasSettings ? null : Plain(given["Connection"]);
        var handle = named as DatabaseConnection ?? (named is string name ? runspace.Named(name) : null) ?? runspace.Current;
        using var own = parameters.HasSettings ? SettingsResolver.Resolve(parameters, CurrentDirectory, handle, runspace.Server) : null;
        var connection = own ?? handle ?? runspace.Find(parameters, CurrentDirectory);
        using var limit = new CancellationTokenSource(Patience);
        return Task.Run(() => ask(connection, limit.Token), limit.Token).GetAwaiter().GetResult();
    }

    /// <summary>The settings of a connection on the command line.</summary>
    private static ConnectionParameters Parameters(IDictionary given)
    {
        var credential = Plain(given["Credential"]) as PSCredential;
        return new ConnectionParameters
        {
            ConnectionString = Text("ConnectionString"),
            HostName = Text("HostName"),
            Port = LanguagePrimitives.TryConvertTo<int>(given["Port"], out var port) && port > 0 ? port : null,
            Database = Text("Database"),
            UserName = credential?.UserName,
            Password = credential?.GetNetworkCredential().Password,
            SslMode = Text("SslMode"),
        };

        string? Text(string parameter) => Plain(given[parameter]) is { } value && $"{value}" is { Length: > 0 } text ? text : null;
    }

    private static object? Plain(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    /// <summary>The folder that relative paths begin in. The runspace is busy with the completion, so that its session state cannot be asked.</summary>
    private static string CurrentDirectory
    {
        get
        {
            using var shell = PowerShell.Create(RunspaceMode.CurrentRunspace);
            return shell.AddCommand("Get-Location").AddParameter("PSProvider", "FileSystem").Invoke<PathInfo>().Single().ProviderPath;
        }
    }

    /// <summary>A key of a hash table as PowerShell reads it.</summary>
    private protected static string Key(string key) => key.All(static letter => char.IsAsciiLetterOrDigit(letter) || letter == '_') && !char.IsAsciiDigit(key[0])
        ? key
        : $"'{CodeGeneration.EscapeSingleQuotedStringContent(key)}'";

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
        yield return ($"@{{ {string.Join("; ", Rows(given).Select(static table => $"{Key(table.Key)} = {table.Value}"))} }}", "Rows of each table, as they are without -Rows");
    }

    private protected override IEnumerable<(string Value, string Tip)> KeyWords(IDictionary given) =>
        Rows(given).Select(static table => (table.Key, $"{table.Key}: {DisplayText.Count(table.Value)} rows without -Rows"));

    private static IReadOnlyDictionary<string, long> Rows(IDictionary given) =>
        BatchRows.Of(Model(given), new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true });
}

/// <summary>Completes -Generator with the columns of the tables of -Metadata, or of the default ones.</summary>
public sealed class ColumnGeneratorCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => [];

    private protected override IEnumerable<(string Value, string Tip)> KeyWords(IDictionary given) =>
        Model(given).Tables.SelectMany(static table => table.Columns.Select(column => ($"{table.Name}.{column.Name}", $"{table.Name}.{column.Name} ({column.Type})")));
}

/// <summary>Completes the latest batches of the ledger; after -Resume those that are incomplete.</summary>
public class BatchIdCompleter : WordCompleter
{
    private protected virtual bool WantsIncomplete(IDictionary given) => given.Contains("Resume");

    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) =>
        Ask(given, (connection, stop) => LedgerReader.ReadAsync(connection, LedgerFilter.ToOffer(WantsIncomplete(given)), stop)).Reverse()
            .Select(static entry => ($"{entry.BatchId}", LedgerFilter.Describe(entry)));
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
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given)
    {
        // The name that is being written is no database yet; postgres is one that every server has.
        var others = new Hashtable(given) { ["Database"] = given.Contains("HostName") || given.Contains("Port") ? "postgres" : null };
        return Plain(Ask(others, DatabaseNames.ReadDatabasesAsync));
    }
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
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => Plain(CheckKind.Patterns(Model(given)));
}

/// <summary>Completes -Threshold with each check and the thresholds that it has anyway.</summary>
public sealed class ThresholdCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(IDictionary given) => HealthCheck.All.Select(static check => (
        FormattableString.Invariant($"@{{ {check.Name} = {check.Warning}, {check.Critical} }}"),
        Tip(check)));

    private protected override IEnumerable<(string Value, string Tip)> KeyWords(IDictionary given) =>
        HealthCheck.All.Select(static check => (check.Name, Tip(check)));

    private static string Tip(HealthCheck check) => FormattableString.Invariant($"{check.Name} ({check.Unit}): warning {check.Warning}, critical {check.Critical}");
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
