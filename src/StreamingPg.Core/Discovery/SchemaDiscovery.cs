using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Describes the tables of a live schema as metadata, so that they can be filled.</summary>
internal static class SchemaDiscovery
{
    /// <summary>Reads a schema. Nothing is changed; all of it is seen as of one moment.</summary>
    /// <param name="connection">The database and the schema.</param>
    /// <param name="options">What is read.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">
    /// The schema or a table that was requested is not there, or no table can be filled.
    /// </exception>
    public static async Task<DiscoveredMetadata> ReadAsync(
        DatabaseConnection connection, DiscoveryOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Snapshot, cancellationToken).ConfigureAwait(false);
            return await ReadAsync(session.Open, connection, options, cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, $"reading schema {Identifier.Quote(connection.Schema)}");
        }
    }

    private static async Task<DiscoveredMetadata> ReadAsync(
        NpgsqlConnection session, DatabaseConnection connection, DiscoveryOptions options, CancellationToken cancellationToken)
    {
        var schema = await CatalogReader.ReadAllAsync(session, connection.Schema, cancellationToken).ConfigureAwait(false);
        if (!schema.Exists)
        {
            throw new StreamingException(
                ErrorIds.SchemaNotFound,
                StreamingErrorKind.NotFound,
                $"Schema \"{connection.Schema}\" does not exist in {connection}.",
                "Use an existing one with -Schema (streamingpg: --schema), such as public.",
                connection.Schema);
        }

        var selection = TableSelection.Make(connection, schema, options);
        var notes = new List<DiscoveryNote>();
        var learnt = options.LearnFrom
            ? await StatisticsReader.ReadAsync(session, connection.Schema, selection, options.Sensitive, notes, cancellationToken).ConfigureAwait(false)
            : new Dictionary<ColumnReference, LearntColumn>();
        var plain = Plain(schema, selection);
        if (plain is not null)
        {
            learnt = WithoutDerived(plain, learnt);
            notes.AddRange(await AgreementReader.ReadAsync(session, connection.Schema, selection, plain, cancellationToken).ConfigureAwait(false));
        }

        var rows = options.LearnFrom || options.Scale is not null
            ? await RowPlan.ReadAsync(session, connection.Schema, selection, options.Scale, cancellationToken).ConfigureAwait(false)
            : RowPlan.Nothing(selection);
        var written = DocumentWriter.Write(schema, selection, learnt, rows);
        return written with
        {
            Notes = [.. written.Notes, .. notes],
            AtOnce = selection.AtOnce,
            MissingPartitions = selection.MissingPartitions,
            Watched = selection.Tables.Where(table => table.ChangesRows).Select(table => table.Name).ToHashSet(StringComparer.Ordinal),
        };
    }

    /// <summary>The tables as metadata, without anything learnt; null where that would be invalid, which whoever reads the document is told.</summary>
    private static StreamModel? Plain(LiveSchema schema, TableSelection selection)
    {
        if (!selection.Tables.Any())
        {
            return null;
        }

        try
        {
            return MetadataReader.Parse(
                DocumentWriter.Write(schema, selection, new Dictionary<ColumnReference, LearntColumn>(), RowPlan.Nothing(selection)).Json);
        }
        catch (StreamingException)
        {
            return null;
        }
    }

    /// <summary>Sums over other tables and times that follow a parent's are spread as these are: a distribution of their own would tear
    /// them apart.</summary>
    private static Dictionary<ColumnReference, LearntColumn> WithoutDerived(
        StreamModel plain, IReadOnlyDictionary<ColumnReference, LearntColumn> learnt) =>
        learnt.ToDictionary(entry => entry.Key, entry =>
            plain.Find(entry.Key.Table) is { } table && table.HasColumn(entry.Key.Column)
                && table.Column(entry.Key.Column) is { SumOf: not null } or { After.Table: not null }
                ? entry.Value with { Values = [], Bounds = [] }
                : entry.Value);
}

/// <summary>What is read of a live schema.</summary>
internal sealed record DiscoveryOptions
{
    /// <summary>The tables to describe, to which their parents are added; empty for all.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>True to fill all that can be filled: views are not spoken of, and it is no error that there is nothing.</summary>
    public bool ForFilling { get; init; }

    /// <summary>Tables that are left out whatever they are, each with the reason.</summary>
    public IReadOnlyList<DiscoveryNote> LeftOut { get; init; } = [];

    /// <summary>True to take over how the existing data are distributed.</summary>
    public bool LearnFrom { get; init; }

    /// <summary>Rows of a batch for each existing row; null if the metadata is not to say how many rows a batch has.</summary>
    public double? Scale { get; init; }

    /// <summary>The least scale.</summary>
    public const double MinScale = 0.000001;

    /// <summary>The greatest scale.</summary>
    public const double MaxScale = 1000;

    /// <summary>Metadata that says which columns are sensitive, or null.</summary>
    public Model.StreamModel? Sensitive { get; init; }
}

/// <summary>A live schema as metadata.</summary>
/// <param name="Json">The document, as it can be saved, edited and given to any command that takes metadata.</param>
/// <param name="Tables">The tables it describes.</param>
/// <param name="Notes">What was left out, or cannot be promised, each with its place and its remedy.</param>
internal sealed record DiscoveredMetadata(string Json, IReadOnlyList<string> Tables, IReadOnlyList<DiscoveryNote> Notes)
{
    /// <summary>Tables that must refer to each other in a circle, so that one statement must load them all; only where they are to be filled.</summary>
    public IReadOnlySet<string> AtOnce { get; init; } = new HashSet<string>();

    /// <summary>The partitions that tables need to take a row, by table; only where they are to be filled.</summary>
    public IReadOnlyDictionary<string, MissingPartition> MissingPartitions { get; init; } = new Dictionary<string, MissingPartition>();

    /// <summary>Tables with triggers or rules, which may do what they like with new rows.</summary>
    public IReadOnlySet<string> Watched { get; init; } = new HashSet<string>();
}

/// <summary>A partition for all rows of a table that has none.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Sql">The statement that makes it.</param>
/// <param name="Note">What to say where it is not made.</param>
internal sealed record MissingPartition(string Name, string Sql, DiscoveryNote Note);

/// <summary>Something in a live schema that metadata cannot take over as it is.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column; null when it concerns the table.</param>
/// <param name="Problem">What it is, a sentence without its subject.</param>
/// <param name="Remedy">What to do, a sentence; empty when there is nothing to do.</param>
internal sealed record DiscoveryNote(string Table, string? Column, string Problem, string Remedy)
{
    /// <summary>The note as one text.</summary>
    public override string ToString() => $"{Table}{(Column is null ? "" : "." + Column)}: {Problem} {Remedy}".TrimEnd();
}
