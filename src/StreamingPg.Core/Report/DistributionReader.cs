using System.Globalization;
using Npgsql;
using StreamingPg.Core.Analytics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Report.Charts;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Report;

/// <summary>
/// Reads how the values of status-like columns (few different values) and numbers are distributed, for any tables. A sample says which columns
/// are which, and where the intervals of numbers lie; then all rows are counted.
/// </summary>
internal sealed class DistributionReader(DatabaseConnection connection, StreamModel model, ReportOptions options)
{
    private const int MostTables = 4;
    private const int MostOfTable = 2;
    private const int MostDistributions = 6;
    private const int MostValues = 12;
    private const int Intervals = 24;
    private const int SampleRows = 2000;

    // Neither NaN nor infinite, nor so large that it is no double.
    private const string IsCounted = "value > -1e300 AND value < 1e300";

    /// <summary>The distributions of the largest tables.</summary>
    public async Task<IReadOnlyList<Distribution>> ReadAsync(IReadOnlyList<TableGrowth> growth, CancellationToken cancellationToken)
    {
        var found = new List<Distribution>();
        await using var session = await ReadOnlySession.BeginAsync(
            connection, options.StatementTimeout, "reading distributions", cancellationToken).ConfigureAwait(false);
        foreach (var size in growth.Where(size => size.Rows > 0).OrderByDescending(size => size.Rows).Take(MostTables))
        {
            var table = model.Find(size.Table)!;
            var (status, numbers) = await ChooseAsync(session, table, cancellationToken).ConfigureAwait(false);
            foreach (var column in status.Take(MostOfTable))
            {
                found.Add(await CountValuesAsync(session, table, column, cancellationToken).ConfigureAwait(false));
            }

            foreach (var column in numbers.Take(MostOfTable))
            {
                if (await CountNumbersAsync(session, table, column, cancellationToken).ConfigureAwait(false) is { } distribution)
                {
                    found.Add(distribution);
                }
            }
        }

        return [.. found.Take(MostDistributions)];
    }

    /// <summary>The columns with few different values, and the other numbers; keys are neither.</summary>
    private async Task<(List<ColumnModel> Status, List<ColumnModel> Numbers)> ChooseAsync(
        ReadOnlySession session, TableModel table, CancellationToken cancellationToken)
    {
        var columns = table.Columns.Where(column => IsCandidate(table, column)).ToList();
        if (columns.Count == 0)
        {
            return ([], []);
        }

        var names = string.Join(", ", columns.Select(column => Identifier.Quote(column.Name)));
        var counts = string.Join(", ", columns.Select((column, index) => $"count(DISTINCT c{index}), count(c{index})"));
        var aliases = string.Join(", ", columns.Select((_, index) => $"c{index}"));
        var sample = (await session.QueryAsync(
            $"SELECT {counts} FROM (SELECT {names} FROM {connection.Quote(table.Name)} LIMIT {SampleRows}) AS sample ({aliases})",
            row => columns.Select((_, index) => (Different: row.GetInt64(2 * index), Rows: row.GetInt64((2 * index) + 1))).ToList(),
            cancellationToken).ConfigureAwait(false))[0];
        var isStatus = columns.Zip(sample).ToDictionary(
            both => both.First, both => both.Second.Different is > 1 and <= MostValues && both.Second.Different * 3 <= both.Second.Rows);
        return (
            [.. columns.Where(column => isStatus[column])],
            [.. columns.Where(column => column.Type.IsNumber && !isStatus[column])]);
    }

    private static bool IsCandidate(TableModel table, ColumnModel column) =>
        !table.PrimaryKey.Contains(column.Name) && !table.Refers(column.Name) && !column.IsUnique && column.Identity is null
        && (column.Type.IsNumber || column.Type.IsText || column.Type.Labels.Count > 0 || column.Type.Kind == ColumnKind.Boolean);

    private async Task<Distribution> CountValuesAsync(ReadOnlySession session, TableModel table, ColumnModel column, CancellationToken cancellationToken)
    {
        var counts = await session.QueryAsync(
            $"""
            SELECT name, rows, others FROM (
                SELECT CASE WHEN place <= {MostValues} THEN name END AS name, min(place) AS place, sum(rows)::bigint AS rows,
                       CASE WHEN min(place) > {MostValues} THEN count(*) ELSE 0 END AS others
                FROM (SELECT name, rows, row_number() OVER (ORDER BY rows DESC, name) AS place
                      FROM (SELECT value::text AS name, count(*) AS rows FROM {Rows(table, column)} GROUP BY 1) AS each) AS placed
                GROUP BY least(place, {MostValues} + 1), 1) AS folded
            ORDER BY place
            """,
            row => (Name: row.GetInt64(2) > 0 ? $"({row.GetInt64(2)} others)" : row.IsDBNull(0) ? "(none)" : row.GetString(0), Rows: row.GetInt64(1), IsRest: row.GetInt64(2) > 0),
            cancellationToken,
            Parameters(table)).ConfigureAwait(false);
        var most = counts.Where(value => !value.IsRest);
        most = column.Type.IsNumber ? most.OrderBy(value => double.TryParse(value.Name, CultureInfo.InvariantCulture, out var number) ? number : double.MaxValue) : most;
        return new Distribution(
            table.Name,
            column.Name,
            IsNumeric: false,
            [.. most.Concat(counts.Where(value => value.IsRest)).Select(value => (value.Name, value.Rows))]);
    }

    private async Task<Distribution?> CountNumbersAsync(ReadOnlySession session, TableModel table, ColumnModel column, CancellationToken cancellationToken)
    {
        var (low, high) = (await session.QueryAsync(
            $"""
            SELECT percentile_cont(ARRAY[0.0, 0.97]) WITHIN GROUP (ORDER BY value::float8)
            FROM (SELECT value FROM {Rows(table, column)} WHERE {IsCounted} LIMIT {SampleRows}) AS sample
            """,
            row => row.IsDBNull(0) ? (0, 0) : (row.GetFieldValue<double[]>(0)[0], row.GetFieldValue<double[]>(0)[1]),
            cancellationToken,
            Parameters(table)).ConfigureAwait(false))[0];
        if (low == high)
        {
            return null;
        }

        var step = Axis.NiceStep((high - low) / (Intervals - 2));
        step = column.Type.IsWhole ? Math.Max(1, Math.Ceiling(step)) : step;
        var start = Math.Floor(low / step) * step;
        var counts = new long[Intervals];
        foreach (var (interval, rows) in await session.QueryAsync(
            $"SELECT least(greatest(floor((value::float8 - $3) / $4), 0), {Intervals - 1})::int, count(*) FROM {Rows(table, column)} WHERE {IsCounted} GROUP BY 1",
            row => (row.GetInt32(0), row.GetInt64(1)),
            cancellationToken,
            [.. Parameters(table), Parameter.Of(start), Parameter.Of(step)]).ConfigureAwait(false))
        {
            counts[interval] = rows;
        }

        var last = Array.FindLastIndex(counts, rows => rows > 0);
        return new Distribution(
            table.Name,
            column.Name,
            IsNumeric: true,
            [.. counts.Take(last + 1).Select((rows, index) => (Axis.Plain(start + (index * step)) + (index == Intervals - 1 ? "+" : ""), rows))]);
    }

    private string Rows(TableModel table, ColumnModel column)
    {
        var range = RowTimestamp.Of(table) is null ? "coalesce($1::timestamptz, $2::timestamptz) IS NULL" : TimeColumn.Holds(table, "t");
        return $"(SELECT {Identifier.Quote(column.Name)} AS value FROM {connection.Quote(table.Name)} AS t WHERE {range}) AS v";
    }

    private NpgsqlParameter[] Parameters(TableModel table) =>
        RowTimestamp.Of(table) is null ? new TimeRange(null, null).Parameters : new TimeRange(options.Since, options.Until).Parameters;
}

/// <summary>How the values of a column are distributed.</summary>
/// <param name="Table">The table.</param>
/// <param name="Column">The column.</param>
/// <param name="IsNumeric">True for intervals of numbers, named by where they begin; false for values: numbers in order, others by how many there are.</param>
/// <param name="Counts">Rows by interval or value.</param>
internal sealed record Distribution(string Table, string Column, bool IsNumeric, IReadOnlyList<(string Name, long Rows)> Counts);
