using System.Globalization;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>The charts of a report.</summary>
internal sealed class ReportCharts(ReportData data)
{
    private const int MostGrowthCharts = 6;
    private const int MostBars = 20;

    private readonly IReadOnlyList<TimelineBucket> _buckets = data.Timeline.Buckets;

    private readonly TimePlaces _time = new(
        data.Timeline.Buckets.Select(bucket => bucket.Start).FirstOrDefault(), data.Timeline.Length, data.Timeline.Buckets.Count);

    /// <summary>Which tables <see cref="Growth()"/> shows, if not all.</summary>
    public string GrowthNote => data.Growth.Count > MostGrowthCharts ? $"The {MostGrowthCharts} largest of {data.Growth.Count} tables, and the rows of all." : "";

    /// <summary>Rows over time, a chart per table; the largest ones where there are many.</summary>
    public IEnumerable<Chart> Growth()
    {
        var largest = data.Growth.OrderByDescending(table => table.Rows).Take(MostGrowthCharts).Select(table => table.Table).ToHashSet();
        return data.Growth.Where(table => largest.Contains(table.Table)).Select(table => Growth(table.Table));
    }

    private LineChart Growth(string table)
    {
        var values = _buckets.Select(bucket => (double?)bucket.Rows.GetValueOrDefault(table)).ToList();
        return new LineChart
        {
            Title = $"Rows of {table} over time",
            Description = values.Count == 0
                ? "The ledger is empty."
                : $"According to the ledger, {Count(values[0])} to {Count(values[^1])} rows from {_time.Names[0]} to {_time.Names[^1]} UTC.",
            Places = _time.Names,
            PlaceUnit = _time.Unit,
            Time = _time,
            ValueUnit = "rows, loaded minus removed",
            Series = [(table, values)],
        };
    }

    /// <summary>Rows by table.</summary>
    public static Chart RowsByTable(IReadOnlyList<TableGrowth> growth) => new BarChart
    {
        Title = growth.Count > MostBars ? $"Rows by table, the {MostBars} largest of {growth.Count}" : "Rows by table",
        Description = $"{DisplayText.Count(growth.Sum(table => table.Rows))} rows in {growth.Count} tables.",
        Bars = [.. (growth.Count > MostBars ? growth.OrderByDescending(table => table.Rows).Take(MostBars) : growth).Select(table => (table.Table, (double)table.Rows))],
        NameUnit = "table",
        ValueUnit = growth.Any(table => table.IsEstimate) ? "rows (estimate)" : "rows",
    };

    /// <summary>Batches over time.</summary>
    public Chart BatchRate()
    {
        return new ColumnChart
        {
            Title = "Batch rate",
            Description = $"{DisplayText.Count(_buckets.Sum(bucket => bucket.Batches))} batches and imports; at most "
                + $"{DisplayText.Count(_buckets.Select(bucket => bucket.Batches).DefaultIfEmpty().Max())} per {_time.Length}.",
            Places = _time.Names,
            PlaceUnit = _time.Unit,
            Time = _time,
            ValueUnit = $"batches per {_time.Length}",
            Values = [.. _buckets.Select(bucket => (double)bucket.Batches)],
        };
    }

    /// <summary>How long batches took over time.</summary>
    public Chart Latency() => Latency(_time, [.. _buckets.Select(bucket => bucket.P50)], [.. _buckets.Select(bucket => bucket.P95)]);

    /// <summary>How long batches took: median and 95th percentile in seconds, where there are any.</summary>
    public static LineChart Latency(TimePlaces time, IReadOnlyList<double?> p50, IReadOnlyList<double?> p95) => new()
    {
        Title = "Batch latency",
        Description = "From the start of the first transaction of a batch to its last commit: half of the batches took at most as long as p50 "
            + "(line and dots) shows, 95 of 100 at most as long as p95 (dashes and rings).",
        Places = time.Names,
        PlaceUnit = time.Unit,
        Time = time,
        ValueUnit = "milliseconds",
        IsWhole = false,
        Format = milliseconds => DisplayText.Duration(TimeSpan.FromMilliseconds(milliseconds)),
        Series =
        [
            ("p50", [.. p50.Select(seconds => 1000 * seconds)]),
            ("p95", [.. p95.Select(seconds => 1000 * seconds)]),
        ],
    };

    /// <summary>How values are distributed.</summary>
    public IEnumerable<Chart> Distributions() => data.Distributions.Select(Chart (distribution) => distribution.IsNumeric
        ? new ColumnChart
        {
            Title = $"{distribution.Table}: {distribution.Column}",
            Description = $"Rows of {distribution.Table} by {distribution.Column}, in intervals; the first and the last contain all beyond.",
            Places = [.. distribution.Counts.Select(count => count.Name)],
            PlaceUnit = $"{distribution.Column}, lower end of each bar",
            ValueUnit = "rows",
            Values = [.. distribution.Counts.Select(count => (double)count.Rows)],
        }
        : new BarChart
        {
            Title = $"{distribution.Table}: {distribution.Column}",
            Description = $"Rows of {distribution.Table} by {distribution.Column}.",
            Bars = [.. distribution.Counts.Select(count => (NameOf(count.Name), (double)count.Rows))],
            NameUnit = distribution.Column,
            ValueUnit = "rows",
        });

    /// <summary>What is about shops.</summary>
    public static IEnumerable<Chart> Shop(ShopFigures shop) =>
    [
        new ColumnChart
        {
            Title = "Hour of day",
            Description = $"Transactions by hour of day; most are at {Busiest(shop.Hours):00}:00 UTC.",
            Places = [.. Enumerable.Range(0, 24).Select(hour => hour.ToString("00", CultureInfo.InvariantCulture))],
            PlaceUnit = "hour (UTC)",
            ValueUnit = "transactions",
            Values = [.. shop.Hours.Select(count => (double)count)],
        },
        new BarChart
        {
            Title = "Busiest users",
            Description = "Users with the most transactions.",
            Bars = [.. shop.Users.Select(user => (user.Name ?? DisplayText.ShortKey(user.UserId), (double)user.TransactionCount))],
            NameUnit = "user",
            ValueUnit = "transactions",
        },
        new BarChart
        {
            Title = "Best products",
            Description = "Products with the most units sold.",
            Bars = [.. shop.Products.Select(product => (NameOf(product.ProductName), (double)(product.TotalQuantity ?? 0)))],
            NameUnit = "product",
            ValueUnit = "units sold",
        },
    ];

    private static int Busiest(IReadOnlyList<long> hours) => hours.Select((count, hour) => (count, hour)).MaxBy(entry => entry.count).hour;

    private static string NameOf(string? text) => string.IsNullOrEmpty(text) ? "(none)" : text;

    private static string Count(double? value) => DisplayText.Count((long)(value ?? 0));
}
