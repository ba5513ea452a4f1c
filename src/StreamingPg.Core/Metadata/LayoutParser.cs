using System.Text.Json;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads how a table is to be stored: <c>partition</c> and <c>distribution</c>.</summary>
internal static class LayoutParser
{
    /// <summary>Name of the property for partitions.</summary>
    public const string Partition = "partition";

    /// <summary>Name of the property for the shards of Citus.</summary>
    public const string Distribution = "distribution";

    /// <summary>What <c>partition</c> may have.</summary>
    public static readonly string[] PartitionProperties = ["column", "every"];

    /// <summary>What <c>distribution</c> may have.</summary>
    public static readonly string[] DistributionProperties = ["column", "with", "reference"];

    /// <summary>The intervals by their names.</summary>
    public static readonly IReadOnlyDictionary<string, PartitionInterval> Intervals = new Dictionary<string, PartitionInterval>(StringComparer.Ordinal)
    {
        ["day"] = PartitionInterval.Day,
        ["week"] = PartitionInterval.Week,
        ["month"] = PartitionInterval.Month,
    };

    public static TableLayout Parse(TableModel table, MetadataObject properties)
    {
        var partition = properties.Read(Partition, (value, _) => ParsePartition(table, properties.Place, value));
        var distribution = properties.Read(Distribution, (value, _) => ParseDistribution(table, properties.Place, value));
        return partition is null && distribution is null ? TableLayout.Plain : new TableLayout { Partition = partition, Distribution = distribution };
    }

    /// <summary>Why a table cannot be partitioned by a column, a clause; null when it can.</summary>
    public static string? WhyNot(TableModel table, ColumnModel column) =>
        !column.Type.IsTimestamp && column.Type.Kind != ColumnKind.Date ? $"column \"{column.Name}\" is not a TIMESTAMP, TIMESTAMPTZ or DATE"
        : column.NullRatio > 0 ? $"column \"{column.Name}\" may be NULL, and the primary key must contain it"
        : column.Expression is not null ? $"column \"{column.Name}\" is computed by the server"
        : null;

    private static PartitionModel ParsePartition(TableModel table, MetadataPlace place, JsonElement element)
    {
        const string What = "\"partition\"";
        if (element.ValueKind == JsonValueKind.String)
        {
            var time = RowTimestamp.OrDayOf(table) ?? throw place.Error($"{What} needs a row timestamp, and the table has none", "Add a TIMESTAMP column such as created_at.");
            return Checked(table, place, time, Interval(place, place.Text(element, What)));
        }

        var partition = new MetadataObject(place, element, What, "day, week or month, or an object with \"every\"", PartitionProperties);
        var name = partition.Text("column") ?? RowTimestamp.OrDayOf(table)?.Name ?? throw place.Error($"{What} has no \"column\", and the table has no row timestamp");
        return table.HasColumn(name)
            ? Checked(table, place, table.Column(name), Interval(place, partition.RequiredText("every", What)))
            : throw NoColumn(table, place, What, name);
    }

    private static PartitionModel Checked(TableModel table, MetadataPlace place, ColumnModel column, PartitionInterval interval) =>
        WhyNot(table, column) is { } reason
            ? throw place.Error($"the table cannot be partitioned: {reason}", "Name another column with \"column\".")
            : new PartitionModel(column.Name, interval);

    private static PartitionInterval Interval(MetadataPlace place, string name) => Intervals.TryGetValue(name, out var interval)
        ? interval
        : throw place.Error($"partitions are by day, week or month, not \"{name}\"", MetadataError.Suggest(name, [.. Intervals.Keys]));

    private static DistributionLayout ParseDistribution(TableModel table, MetadataPlace place, JsonElement element)
    {
        const string What = "\"distribution\"";
        var distribution = new MetadataObject(place, element, What, "an object with \"column\" or \"reference\"", DistributionProperties);
        var (column, isReference) = (distribution.FilledText("column"), distribution.Flag("reference") ?? false);
        return (column, isReference) switch
        {
            (null, true) when !distribution.Has("with") => new DistributionLayout(Column: null),
            ({ } name, false) when table.HasColumn(name) => new DistributionLayout(name) { ColocateWith = distribution.FilledText("with") },
            ({ } name, false) => throw NoColumn(table, place, What, name),
            _ => throw place.Error($"{What} must have either a \"column\", and \"with\" for the table to be on the same servers, or \"reference\": true"),
        };
    }

    private static StreamingException NoColumn(TableModel table, MetadataPlace place, string what, string name) => place.Error(
        $"{what} names the column \"{name}\", which does not exist in the table", MetadataError.Suggest(name, [.. table.Columns.Select(column => column.Name)]));
}
