using System.Globalization;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>The charts of a report.</summary>
internal sealed class ReportCharts(ReportData data)
{
    private const int MostGrowthCharts = 6;

    private readonly IReadOnlyList<TimelineBucket> _buckets = data.Timeline.Buckets;

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
                : $"According to the ledger, from {Count(values[0])} to {Count(values[^1])} rows between {Place(_buckets[0])} and {Place(_buckets[^1])} UTC.",
            Places = Places(),
            PlaceUnit = "time (UTC)",
            ValueUnit = "rows, loaded minus removed",
            Series = [(table, values)],
        };
    }

    /// <summary>Rows by table.</summary>
    public Chart RowsByTable() => new BarChart
    {
        Title = "Rows by table",
        Description = $"{DisplayText.Count(data.Growth.Sum(table => table.Rows))} rows in {data.Growth.Count} tables.",
        Bars = [.. data.Growth.Select(table => (table.Table, (double)table.Rows))],
        NameUnit = "table",
        ValueUnit = data.Growth.Any(table => table.IsEstimate) ? "rows (estimate)" : "rows",
    };

    /// <summary>Batches over time.</summary>
    public Chart BatchRate()
    {
        var length = DisplayText.Duration(data.Timeline.Length);
        return new ColumnChart
        {
            Title = "Batch rate",
            Description = $"{DisplayText.Count(_buckets.Sum(bucket => bucket.Batches))} batches and imports; at most "
                + $"{DisplayText.Count(_buckets.Select(bucket => bucket.Batches).DefaultIfEmpty().Max())} in {length}.",
            Places = Places(),
            PlaceUnit = "time (UTC)",
            ValueUnit = $"batches per {length}",
            Values = [.. _buckets.Select(bucket => (double)bucket.Batches)],
        };
    }

    /// <summary>How long batches took over time.</summary>
    public Chart Latency() => new LineChart
    {
        Title = "Batch latency",
        Description = "From the start of the first transaction of a batch to its last commit: half of the batches took at most as long as the "
            + "lower line shows, 95 of 100 at most as long as the upper one.",
        Places = Places(),
        PlaceUnit = "time (UTC)",
        ValueUnit = "milliseconds",
        IsWhole = false,
        Format = milliseconds => DisplayText.Duration(TimeSpan.FromMilliseconds(milliseconds)),
        Series =
        [
            ("p50", [.. _buckets.Select(bucket => 1000 * bucket.P50)]),
            ("p95", [.. _buckets.Select(bucket => 1000 * bucket.P95)]),
        ],
    };

    /// <summary>What is about shops.</summary>
    public static IEnumerable<Chart> Shop(ShopFigures shop) =>
    [
        new BarChart
        {
            Title = "Transactions by status",
            Description = string.Join(", ", shop.Statuses.Select(status => $"{NameOf(status.Status)} {DisplayText.Count(status.Count)}")) + ".",
            Bars = [.. shop.Statuses.Select(status => (NameOf(status.Status), (double)status.Count))],
            NameUnit = "status",
            ValueUnit = "transactions",
        },
        Amounts(shop),
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
            ValueUnit = "pieces sold",
        },
    ];

    private static ColumnChart Amounts(ShopFigures shop)
    {
        var step = shop.AmountStep;
        return new ColumnChart
        {
            Title = "Amounts of transactions",
            Description = $"Transactions by amount in intervals of {step:0.##}; the last interval contains all larger amounts.",
            Places = [.. shop.Amounts.Select((_, index) =>
                string.Create(CultureInfo.InvariantCulture, $"{index * step:0.##}{(index == shop.Amounts.Count - 1 ? "+" : "")}"))],
            PlaceUnit = string.Create(CultureInfo.InvariantCulture, $"amount, from ... (intervals of {step:0.##})"),
            ValueUnit = "transactions",
            Values = [.. shop.Amounts.Select(count => (double)count)],
        };
    }

    private List<string> Places() => [.. _buckets.Select(Place)];

    private string Place(TimelineBucket bucket)
    {
        var span = _buckets[^1].Start - _buckets[0].Start;
        var format = data.Timeline.Length >= TimeSpan.FromDays(1) ? "yyyy-MM-dd"
            : span >= TimeSpan.FromDays(1) ? "MM-dd HH:mm"
            : data.Timeline.Length >= TimeSpan.FromMinutes(1) ? "HH:mm" : "HH:mm:ss";
        return bucket.Start.ToString(format, CultureInfo.InvariantCulture);
    }

    private static int Busiest(IReadOnlyList<long> hours) => hours.Select((count, hour) => (count, hour)).MaxBy(entry => entry.count).hour;

    private static string NameOf(string? text) => string.IsNullOrEmpty(text) ? "(none)" : text;

    private static string Count(double? value) => DisplayText.Count((long)(value ?? 0));
}
