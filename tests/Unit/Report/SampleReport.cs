using StreamingPg.Core.Analytics;
using StreamingPg.Core.Report;

namespace StreamingPg.Tests.Unit.Report;

/// <summary>Data of a report, made up.</summary>
internal static class SampleReport
{
    private static readonly DateTime Now = new(2026, 1, 31, 12, 0, 0, DateTimeKind.Utc);

    /// <summary>A shop with a few batches; <paramref name="name"/> stands for every name that comes from a database.</summary>
    public static ReportData Make(string name)
    {
        string[] tables = [$"{name} users", $"{name} transactions", $"{name} lines"];
        return Empty() with
        {
            Schema = name,
            Server = new ConnectionTest { Success = true, Server = name, ServerVersion = name, UserName = name, Tls = name },
            Growth = [.. tables.Select((table, index) => Growth(table, 100 * (index + 1)))],
            Timeline = new Timeline(TimeSpan.FromMinutes(1), [.. Enumerable.Range(0, 30).Select(minute => Bucket(minute, tables))]),
            Relationships =
            [
                new TableRelationship
                {
                    Table = name, Columns = [name], ParentTable = name, ParentColumns = [name], ParentsWithChildren = 9, ParentsWithoutChildren = 1,
                    Children = 30, MinChildren = 0, P95Children = 7, MaxChildren = 8,
                },
            ],
            Integrity =
            [
                Check(name, count: 0, IntegritySeverity.Error),
                Check(name, count: 3, IntegritySeverity.Error),
                Check(name, count: 2, IntegritySeverity.Warning),
            ],
            Health = [new HealthResult { Check = name, Object = name, Status = HealthStatus.Critical, Unit = HealthUnit.Seconds, Value = 3, Advice = name }],
            Likeness =
            [
                new ColumnLikeness { Table = name, Column = name, Against = name, Measure = LikenessMeasure.Quantiles, Distance = 0.25, Likeness = 0.75 },
                new ColumnLikeness { Table = "", Column = "", Against = name, Measure = LikenessMeasure.Overall, Likeness = 0.75 },
            ],
            Events = new EventFigures(
                name,
                [.. Enumerable.Range(0, 7).Select(day => (IReadOnlyList<long>)[.. Enumerable.Range(0, 24).Select(hour => (long)(day * hour))])],
                new EventStretches(Now.AddHours(-40), TimeSpan.FromHours(1), [.. Enumerable.Range(0, 40).Select(hour => (long)hour)], new long[40]),
                [.. EventFigures.Lateness.Select((_, index) => (long)index)]),
            Distributions =
            [
                new Distribution(name, name, IsNumeric: false, [(name, 70), ("", 30)]),
                new Distribution(name, name, IsNumeric: true, [.. Enumerable.Range(0, 24).Select(index => ($"{50 * index}", (long)(24 - index)))]),
            ],
            Shop = new ShopFigures(
                [.. Enumerable.Range(0, 24).Select(hour => (long)hour)],
                [new UserActivity { UserId = Guid.Empty, Name = name, City = name, TransactionCount = 5 }],
                [new ProductSale { ProductName = name, TotalQuantity = 7, UniqueCustomers = 3 }]),
        };
    }

    /// <summary>A shop whose batches and events lie within some time.</summary>
    public static ReportData Over(TimeSpan span)
    {
        var (start, length, count) = Stretch.Cover(Now - span, Now);
        var sample = Make("shop");
        var tables = sample.Growth.Select(table => table.Table).ToArray();
        return sample with
        {
            Timeline = new Timeline(length, [.. Enumerable.Range(0, count).Select(index => Bucket(index, tables) with { Start = start + (index * length) })]),
            Events = sample.Events! with
            {
                Stretches = new EventStretches(start, length, [.. Enumerable.Range(0, count).Select(index => (long)index)], new long[count]),
            },
        };
    }

    /// <summary>A report on tables that have no row, of a model that is no shop.</summary>
    public static ReportData Empty() => new()
    {
        Schema = "streaming",
        Server = new ConnectionTest { Success = true, Server = "server" },
        MadeAt = Now,
        Options = new ReportOptions(),
        Growth = [Growth("users", 0)],
        Timeline = new Timeline(TimeSpan.Zero, []),
        Relationships = [],
        Health = [],
    };

    private static TableGrowth Growth(string table, long rows) => new()
    {
        Table = table, Rows = rows, IsEstimate = false, LastBatch = rows / 10, InPeriod = rows, Period = TimeSpan.FromDays(1), TableBytes = 8192, IndexBytes = 16384,
    };

    // Minutes without a batch have no latency: the line has gaps and lone points.
    private static TimelineBucket Bucket(int minute, string[] tables) => new(
        Now.AddMinutes(minute),
        minute % 3,
        Retries: 0,
        minute % 3 == 0 ? null : 0.005 * minute,
        minute % 3 == 0 ? null : 0.02 * minute,
        tables.ToDictionary(table => table, _ => 10L * minute));

    private static IntegrityResult Check(string name, long count, IntegritySeverity severity) => new()
    {
        Check = name, Table = name, Count = count, Severity = severity, SampleKeys = [name], Detail = name, Duration = TimeSpan.FromSeconds(1),
    };
}
