using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;

namespace StreamingPg.Core.Report;

/// <summary>Reads all that a report shows. What reads every row comes last.</summary>
internal sealed class ReportReader(DatabaseConnection connection, StreamModel model, ReportOptions options, IProgress<string>? progress)
{
    private static readonly TimeSpan Day = TimeSpan.FromDays(1);

    public async Task<ReportData> ReadAsync(CancellationToken cancellationToken)
    {
        progress?.Report("Reading the ledger");
        var growth = await GrowthReader.ReadAsync(connection, model, Day, options.Estimate, cancellationToken).ConfigureAwait(false);
        var timeline = await new TimelineReader(connection, options).ReadAsync(cancellationToken).ConfigureAwait(false);
        progress?.Report("Checking health");
        var health = new List<HealthResult>();
        var healthOptions = new HealthOptions { StatementTimeout = options.StatementTimeout };
        await foreach (var result in HealthChecker.CheckAsync(connection, model, healthOptions, cancellationToken).ConfigureAwait(false))
        {
            health.Add(result);
        }

        progress?.Report("Reading relationships");
        var ofTables = new AnalyticsOptions { StatementTimeout = options.StatementTimeout };
        return new ReportData
        {
            Server = await ConnectionTester.TestAsync(connection, model, [ConnectionPurpose.Report], cancellationToken).ConfigureAwait(false),
            Schema = connection.Schema,
            MadeAt = TimeProvider.System.GetUtcNow().UtcDateTime,
            Options = options,
            Growth = growth,
            Timeline = timeline,
            Health = health,
            Relationships = await RelationshipReader.ReadAsync(connection, model, ofTables, cancellationToken).ConfigureAwait(false),
            Events = await ReadEventsAsync(growth, cancellationToken).ConfigureAwait(false),
            Shop = await ReadShopAsync(cancellationToken).ConfigureAwait(false),
            Distributions = await ReadDistributionsAsync(growth, cancellationToken).ConfigureAwait(false),
            Integrity = await CheckIntegrityAsync(cancellationToken).ConfigureAwait(false),
            Likeness = await CompareAsync(cancellationToken).ConfigureAwait(false),
        };
    }

    private async Task<IReadOnlyList<ColumnLikeness>?> CompareAsync(CancellationToken cancellationToken)
    {
        if (options.Against is not { } against)
        {
            return null;
        }

        progress?.Report($"Comparing with {against}");
        return await LikenessReader.ReadAsync(
            connection, new LikenessOptions { Against = against, StatementTimeout = options.StatementTimeout }, cancellationToken).ConfigureAwait(false);
    }

    private Task<ShopFigures?> ReadShopAsync(CancellationToken cancellationToken)
    {
        progress?.Report("Reading transactions");
        return new ShopFigureReader(connection, model, options).ReadAsync(cancellationToken);
    }

    private async Task<IReadOnlyList<Distribution>> ReadDistributionsAsync(IReadOnlyList<TableGrowth> growth, CancellationToken cancellationToken)
    {
        progress?.Report("Reading distributions");
        return await new DistributionReader(connection, model, options).ReadAsync(growth, cancellationToken).ConfigureAwait(false);
    }

    private async Task<EventFigures?> ReadEventsAsync(IReadOnlyList<TableGrowth> growth, CancellationToken cancellationToken)
    {
        progress?.Report("Reading event times");
        return EventTimeReader.Largest(model, growth) is { } table
            ? await new EventTimeReader(connection, table, options.Analytics).ReadAllAsync(cancellationToken).ConfigureAwait(false)
            : null;
    }

    private async Task<IReadOnlyList<IntegrityResult>?> CheckIntegrityAsync(CancellationToken cancellationToken)
    {
        if (!options.Integrity)
        {
            return null;
        }

        var results = new List<IntegrityResult>();
        await foreach (var result in IntegrityChecker.CheckAsync(connection, model, cancellationToken).ConfigureAwait(false))
        {
            progress?.Report(result.Check);
            results.Add(result);
        }

        return results;
    }
}

/// <summary>Everything that a report shows, read and not yet drawn.</summary>
internal sealed record ReportData
{
    public required ConnectionTest Server { get; init; }

    public required string Schema { get; init; }

    public required DateTime MadeAt { get; init; }

    public required ReportOptions Options { get; init; }

    public required IReadOnlyList<TableGrowth> Growth { get; init; }

    public required Timeline Timeline { get; init; }

    public required IReadOnlyList<TableRelationship> Relationships { get; init; }

    /// <summary>Null when they were not asked for.</summary>
    public IReadOnlyList<IntegrityResult>? Integrity { get; init; }

    public required IReadOnlyList<HealthResult> Health { get; init; }

    /// <summary>Null when nothing to compare with was given.</summary>
    public IReadOnlyList<ColumnLikeness>? Likeness { get; init; }

    /// <summary>Null when no table says when its rows were created.</summary>
    public EventFigures? Events { get; init; }

    /// <summary>How the values of status-like columns and numbers of the largest tables are distributed.</summary>
    public IReadOnlyList<Distribution> Distributions { get; init; } = [];

    /// <summary>Null when the model is no shop.</summary>
    public ShopFigures? Shop { get; init; }
}
