using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Analytics;

/// <summary>Compares generated tables with real ones, column by column. The server computes everything; no value leaves it.</summary>
internal sealed class LikenessReader
{
    // As many values as the server's statistics list by default, and so as many as -LearnFrom takes over as a list; if they repeat.
    private const int MostCategories = 100;
    private const int Repeats = 10;

    private readonly ReadOnlySession _session;
    private readonly LikenessOptions _options;
    private readonly Side _own;
    private readonly Side _against;

    private LikenessReader(ReadOnlySession session, LikenessOptions options, Side own, Side against)
    {
        _session = session;
        _options = options;
        _own = own;
        _against = against;
    }

    /// <summary>One result per column that both tables have, and one that sums them up.</summary>
    /// <param name="connection">The database and the schema of the tables.</param>
    /// <param name="options">What they are compared with, and how.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">A table is not there, there is nothing to compare, or the server refused a query.</exception>
    public static async Task<IReadOnlyList<ColumnLikeness>> ReadAsync(
        DatabaseConnection connection, LikenessOptions options, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(options);
        var against = LikenessTarget.Parse(options.Against);
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "comparing tables", cancellationToken).ConfigureAwait(false);
        var pairs = await LikenessPairs.ReadAsync(session, connection, against, options.Tables, cancellationToken).ConfigureAwait(false);
        var results = new List<ColumnLikeness>();
        var (own, other) = (
            await Side.ReadAsync(session, connection.Schema, pairs.Own, pairs.Tables.Select(pair => pair.Own.Name), cancellationToken).ConfigureAwait(false),
            await Side.ReadAsync(session, against.Schema, pairs.Against, pairs.Tables.Select(pair => pair.Against.Name), cancellationToken).ConfigureAwait(false));
        var reader = new LikenessReader(session, options, own, other);
        foreach (var (table, with) in pairs.Tables)
        {
            results.AddRange(await reader.CompareAsync(table, with, cancellationToken).ConfigureAwait(false));
        }

        return results.Count == 0
            ? throw LikenessPairs.Nothing(connection, against, "their tables have no column in common that could be compared")
            : [.. results, Overall(results, against)];
    }

    private static ColumnLikeness Overall(List<ColumnLikeness> results, LikenessTarget against) => new()
    {
        Table = "",
        Column = "",
        Against = results.Select(result => result.Against).Distinct().ToList() is [var one] ? one : against.Schema,
        Measure = LikenessMeasure.Overall,
        Likeness = results.Average(result => result.Likeness),
    };

    private async Task<List<ColumnLikeness>> CompareAsync(LiveTable table, LiveTable with, CancellationToken cancellationToken)
    {
        var results = new List<ColumnLikeness>();
        var columns = new List<LikenessColumn>();
        foreach (var column in table.Columns)
        {
            if (with.Find(column.Name) is { } other && LikenessColumn.Of(table, column, with, other) is { } compared)
            {
                columns.Add(compared);
            }
        }

        await _own.ChooseSampleAsync(_session, table.Name, _options.SampleSize, cancellationToken).ConfigureAwait(false);
        await _against.ChooseSampleAsync(_session, with.Name, _options.SampleSize, cancellationToken).ConfigureAwait(false);
        if (columns.Count > 0)
        {
            var own = await ReadCountsAsync(_own.From(table.Name, _options.SampleSize), columns, cancellationToken).ConfigureAwait(false);
            var others = await ReadCountsAsync(_against.From(with.Name, _options.SampleSize), columns, cancellationToken).ConfigureAwait(false);
            for (var index = 0; index < columns.Count; index++)
            {
                // A few values are categories, whatever their type.
                var column = columns[index].With(isCategory: others[index].Distinct <= Math.Min(MostCategories, others[index].Values / Repeats));
                var distance = await DistanceAsync(column, table, with, own[index], others[index], cancellationToken).ConfigureAwait(false);
                results.Add(Result(table, with, column.Name, column.Measure, distance, own[index], others[index]));
            }
        }

        foreach (var key in table.ForeignKeys)
        {
            if (with.ForeignKeys.Find(other => other.Columns.SequenceEqual(key.Columns)) is { } other)
            {
                results.Add(await CompareChildrenAsync(table, key, with, other, cancellationToken).ConfigureAwait(false));
            }
        }

        return results;
    }

    private ColumnLikeness Result(
        LiveTable table, LiveTable with, string column, LikenessMeasure measure, double? distance, ColumnCounts own, ColumnCounts other)
    {
        var nulls = Math.Abs(own.NullShare - other.NullShare);
        return new ColumnLikeness
        {
            Table = table.Name,
            Column = column,
            Against = $"{_against.Schema}.{with.Name}",
            Measure = measure,
            Distance = distance,
            Nulls = own.NullShare,
            AgainstNulls = other.NullShare,
            Rows = own.Rows,
            AgainstRows = other.Rows,
            Likeness = 1 - Math.Max(distance ?? 0, nulls),
        };
    }

    private async Task<double?> DistanceAsync(
        LikenessColumn column, LiveTable table, LiveTable with, ColumnCounts own, ColumnCounts other, CancellationToken cancellationToken)
    {
        if (column.Measure == LikenessMeasure.Nulls || (own.Values == 0 && other.Values == 0))
        {
            return null;
        }

        if (own.Values == 0 || other.Values == 0)
        {
            return 1;
        }

        var (a, b) = (_own.From(table.Name, _options.SampleSize), _against.From(with.Name, _options.SampleSize));
        var sql = column.Measure == LikenessMeasure.Categories ? LikenessSql.TotalVariation(column, a, b) : LikenessSql.KolmogorovSmirnov(column, a, b);
        return await NumberAsync(sql, cancellationToken).ConfigureAwait(false);
    }

    private async Task<ColumnLikeness> CompareChildrenAsync(
        LiveTable table, LiveForeignKey key, LiveTable with, LiveForeignKey other, CancellationToken cancellationToken)
    {
        var (own, parents) = await SpreadAsync(key, _own, cancellationToken).ConfigureAwait(false);
        var (others, otherParents) = await SpreadAsync(other, _against, cancellationToken).ConfigureAwait(false);
        double? distance = (parents, otherParents) switch
        {
            (0, 0) => null,
            (0, _) or (_, 0) => 1,
            _ => await NumberAsync(LikenessSql.KolmogorovSmirnov(own, others), cancellationToken).ConfigureAwait(false),
        };
        var (nulls, otherNulls) = (
            await NumberAsync(LikenessSql.NullShare(key, _own.From(table.Name, _options.SampleSize)), cancellationToken).ConfigureAwait(false),
            await NumberAsync(LikenessSql.NullShare(other, _against.From(with.Name, _options.SampleSize)), cancellationToken).ConfigureAwait(false));
        return Result(table, with, string.Join(", ", key.Columns), LikenessMeasure.Children, distance, ColumnCounts.Of(parents, nulls), ColumnCounts.Of(otherParents, otherNulls));
    }

    /// <summary>The query of the children of parents, of all if a sample has none, and how many parents it has.</summary>
    private async Task<(string Sql, long Parents)> SpreadAsync(LiveForeignKey key, Side side, CancellationToken cancellationToken)
    {
        var sample = ChildSpread.Sql(key, side.Tables.Tables[key.Table], side.SizeOf(key.ParentTable));
        if (await ParentsAsync(sample, cancellationToken).ConfigureAwait(false) is > 0 and var parents)
        {
            return (sample, parents);
        }

        var all = ChildSpread.Sql(key, side.Tables.Tables[key.Table], size: default);
        return (all, await ParentsAsync(all, cancellationToken).ConfigureAwait(false));
    }

    private async Task<long> ParentsAsync(string spread, CancellationToken cancellationToken) =>
        (await _session.QueryAsync($"SELECT coalesce(sum(count), 0)::bigint FROM ({spread}) AS spread", row => row.GetInt64(0), cancellationToken).ConfigureAwait(false))[0];

    private async Task<double?> NumberAsync(string sql, CancellationToken cancellationToken) =>
        (await _session.QueryAsync(sql, row => row.IsDBNull(0) ? (double?)null : row.GetDouble(0), cancellationToken).ConfigureAwait(false))[0];

    private async Task<List<ColumnCounts>> ReadCountsAsync(string from, List<LikenessColumn> columns, CancellationToken cancellationToken) =>
        (await _session.QueryAsync(LikenessSql.Counts(from, columns), row => Read(row, columns.Count), cancellationToken).ConfigureAwait(false))[0];

    private static List<ColumnCounts> Read(NpgsqlDataReader row, int columns) =>
        [.. Enumerable.Range(0, columns).Select(index => new ColumnCounts(row.GetInt64(0), row.GetInt64(1 + (2 * index)), row.GetInt64(2 + (2 * index))))];

    /// <summary>The tables of one side, and about how large they and their parents are.</summary>
    private sealed record Side(string Schema, LiveSchema Tables, Dictionary<string, TableSize> Sizes)
    {
        public static async Task<Side> ReadAsync(
            ReadOnlySession session, string schema, LiveSchema tables, IEnumerable<string> names, CancellationToken cancellationToken)
        {
            List<string> read = [.. names.SelectMany(name => tables.Tables[name].ForeignKeys.Select(key => key.ParentTable).Append(name)).Distinct()];
            var sizes = await session.RunAsync(open => TableSample.EstimateAsync(open, schema, read, cancellationToken)).ConfigureAwait(false);
            return new Side(schema, tables, sizes);
        }

        public TableSize SizeOf(string table) => Sizes.GetValueOrDefault(table);

        public string From(string table, int rows) => TableSample.Sql(Identifier.Quote(Schema, table), "t", SizeOf(table), rows);

        /// <summary>Has a table read as a whole if a sample of it has no rows.</summary>
        public async Task ChooseSampleAsync(ReadOnlySession session, string table, int rows, CancellationToken cancellationToken)
        {
            if (TableSample.IsPart(SizeOf(table), rows)
                && !(await session.QueryAsync($"SELECT EXISTS (SELECT FROM {From(table, rows)})", row => row.GetBoolean(0), cancellationToken).ConfigureAwait(false))[0])
            {
                Sizes[table] = default;
            }
        }
    }
}

/// <summary>What is compared, and how.</summary>
internal sealed record LikenessOptions
{
    /// <summary>What the tables are compared with: <c>schema.table</c>, or a schema with tables of the same names.</summary>
    public required string Against { get; init; }

    /// <summary>The tables to compare; empty for the table of the same name, or all.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>About how many rows of each table are enough.</summary>
    public int SampleSize { get; init; } = DefaultSampleSize;

    /// <summary>The server ends a query that takes longer; zero means no limit.</summary>
    public TimeSpan StatementTimeout { get; init; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>Default number of rows in a sample. If they were random, shares would be within about half a percent; a sample has all rows
    /// of random pages, so shares of values that lie together are less exact.</summary>
    public const int DefaultSampleSize = 100_000;

    /// <summary>Minimum rows of a sample.</summary>
    public const int MinSampleSize = 100;

    /// <summary>Maximum rows of a sample.</summary>
    public const int MaxSampleSize = 100_000_000;
}

/// <summary>Rows that were read, and how many of a column's values are there and differ.</summary>
internal readonly record struct ColumnCounts(long Rows, long Values, long Distinct)
{
    private readonly double? _nullShare = null;

    public double NullShare
    {
        get => _nullShare ?? (Rows == 0 ? 0 : 1 - ((double)Values / Rows));
        private init => _nullShare = value;
    }

    public static ColumnCounts Of(long rows, double? nullShare) => new(rows, rows, 0) { NullShare = nullShare ?? 0 };
}
