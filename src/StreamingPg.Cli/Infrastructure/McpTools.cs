using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Server;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>What agents can ask for. Results are JSON as the commands write it.</summary>
/// <param name="parsed">The command line, which says which database and, unless a call does, which tables.</param>
internal sealed class McpTools(ParseResult parsed)
{
    private const string MetadataOfCall = "A metadata.json: its text, or its path. Default: the one the server was started with, else the built-in tables users, transactions and detailed_transactions.";

    /// <summary>The tools.</summary>
    public IEnumerable<McpServerTool> All() =>
    [
        McpServerTool.Create(IntrospectAsync, Reading("introspect", "Describes the tables of the database as a metadata.json, and notes what cannot be filled.")),
        McpServerTool.Create(PlanAsync, Reading("plan", "Says how many rows of which tables a batch would load, and how each column is filled. Changes nothing.")),
        McpServerTool.Create(GenerateAsync, new McpServerToolCreateOptions
        {
            Name = "generate",
            Description = "Generates one batch, loads it and verifies every foreign key before each commit. Up to 100,000 rows are one transaction, all of it or nothing; more rows are loaded in chunks. By default a dry run, which only says what it would load.",
            ReadOnly = false,
            Destructive = false,
            Idempotent = false,
            OpenWorld = false,
        }),
        McpServerTool.Create(CheckAsync, Reading("check", "Checks keys, sequences and business rules of all rows, and lists what is broken.")),
    ];

    private static McpServerToolCreateOptions Reading(string name, string description) =>
        new() { Name = name, Description = description, ReadOnly = true, OpenWorld = false };

    private Task<string> IntrospectAsync(
        [Description("Tables to describe; their parents are added. Default: all.")] string[]? tables = null, CancellationToken cancellationToken = default) =>
        RunAsync(
            async connection =>
            {
                var found = await SchemaDiscovery.ReadAsync(connection, new DiscoveryOptions { Tables = tables ?? [] }, cancellationToken).ConfigureAwait(false);
                using var metadata = JsonDocument.Parse(found.Json);
                return new IntrospectedTables(metadata.RootElement.Clone(), [.. found.Notes.Select(note => $"{note}")]);
            },
            cancellationToken);

    private Task<string> PlanAsync(
        [Description(MetadataOfCall)] string? metadata = null,
        [Description("Rows per table; tables without a number get their share.")] Dictionary<string, long>? rows = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(
            connection =>
            {
                var model = ReadModel(metadata);
                return Task.FromResult(new PlannedBatch(Describe(connection, model, OptionsOf(model, rows, null)), ColumnList.Of(model, [])));
            },
            cancellationToken);

    private Task<string> GenerateAsync(
        [Description(MetadataOfCall)] string? metadata = null,
        [Description("Rows per table; tables without a number get their share.")] Dictionary<string, long>? rows = null,
        [Description("Seed of the random values, for the same rows again in an equal database.")] long? seed = null,
        [Description("True to say what the batch would load, and load nothing.")] bool dryRun = true,
        CancellationToken cancellationToken = default) =>
        RunAsync<object>(
            async connection =>
            {
                var model = ReadModel(metadata);
                var options = OptionsOf(model, rows, seed);
                return dryRun
                    ? new PlannedWork(Describe(connection, model, options))
                    : await BatchRunner.RunAsync(connection, model, options, progress: null, cancellationToken).ConfigureAwait(false);
            },
            cancellationToken);

    private Task<string> CheckAsync(
        [Description(MetadataOfCall)] string? metadata = null,
        [Description("Names of checks, with * as a wildcard. Default: all.")] string[]? checks = null,
        CancellationToken cancellationToken = default) =>
        RunAsync(
            async connection =>
            {
                var results = new List<IntegrityResult>();
                var begin = Stopwatch.GetTimestamp();
                await foreach (var result in IntegrityChecker.CheckAsync(connection, ReadModel(metadata), checks ?? [], cancellationToken).ConfigureAwait(false))
                {
                    results.Add(result);
                }

                return new CheckedTables(
                    IntegrityChecker.Verdict(results),
                    IntegrityChecker.Summary(results, Stopwatch.GetElapsedTime(begin), $"{connection}"),
                    [.. results.Where(result => result.Status > IntegrityStatus.NothingToCheck)]);
            },
            cancellationToken);

    /// <summary>Runs a tool on a connection of its own; an error becomes its text, with what to do.</summary>
    private async Task<string> RunAsync<T>(Func<DatabaseConnection, Task<T>> run, CancellationToken cancellationToken)
        where T : notnull
    {
        try
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            var result = await run(connection).ConfigureAwait(false);
            return JsonSerializer.Serialize(result, result.GetType(), OutputJson.Lines);
        }
        catch (StreamingException exception)
        {
            var error = await DatabaseOptions.NameRightsAsync(
                exception, parsed, [ConnectionPurpose.Batch, ConnectionPurpose.Check], cancellationToken).ConfigureAwait(false);
            throw new McpException($"{error.ErrorId}: {error.Message}", error);
        }
    }

    private StreamModel ReadModel(string? metadata) =>
        metadata is null ? DatabaseOptions.ReadModel(parsed)
        : MetadataReader.IsText(metadata) ? MetadataReader.Parse(metadata, own: DatabaseOptions.Generators(parsed))
        : MetadataReader.Load(metadata, DatabaseOptions.Generators(parsed));

    private static BatchOptions OptionsOf(StreamModel model, Dictionary<string, long>? rows, long? seed) =>
        new() { Rows = BatchRows.Asked(model, rows), RowsOfMetadata = true, Seed = seed, Rhythm = RhythmModel.Of(model, null, null) };

    private static string Describe(DatabaseConnection connection, StreamModel model, BatchOptions options)
    {
        options.Check(model);
        return BatchRows.Describe(model, options, connection);
    }
}

/// <summary>Tables that an agent asked about.</summary>
/// <param name="Metadata">The tables as a metadata.json.</param>
/// <param name="Notes">What cannot be filled, and what to do about it.</param>
internal sealed record IntrospectedTables(JsonElement Metadata, IReadOnlyList<string> Notes);

/// <summary>A batch that an agent planned.</summary>
/// <param name="Plan">In words.</param>
/// <param name="Columns">How each column is filled.</param>
internal sealed record PlannedBatch(string Plan, IReadOnlyList<StreamingColumn> Columns);

/// <summary>Tables that an agent checked.</summary>
/// <param name="Verdict">What all checks say together.</param>
/// <param name="Summary">In words.</param>
/// <param name="Findings">The checks that found something, or could not be made.</param>
internal sealed record CheckedTables(IntegrityStatus Verdict, string Summary, IReadOnlyList<IntegrityResult> Findings);
