using StreamingPg.Core.Keys;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>How new tables are to be stored, where metadata does not say so of a table itself.</summary>
internal sealed record LayoutOptions
{
    /// <summary>The time that a partition is to hold; null for no partitions.</summary>
    public PartitionInterval? PartitionBy { get; init; }

    /// <summary>True to distribute the tables with Citus.</summary>
    public bool Distributed { get; init; }
}

/// <summary>Chooses how new tables are stored, where metadata does not say so of a table itself.</summary>
internal static class LayoutChoice
{
    /// <summary>The model with a layout for each table.</summary>
    /// <param name="model">The tables.</param>
    /// <param name="options">What is asked for.</param>
    /// <exception cref="StreamingException">No table can be partitioned, or they cannot be distributed, or not both.</exception>
    public static StreamModel Make(StreamModel model, LayoutOptions options)
    {
        // First, because reference tables cannot have partitions.
        model = options.Distributed ? Distribute(model) : model;
        if (options.PartitionBy is { } every)
        {
            model = model.With(table => Partition(model, table, every));
            if (model.Tables.All(table => table.Layout.Partition is null))
            {
                throw new StreamingException(
                    ErrorIds.LayoutNotPossible,
                    StreamingErrorKind.InvalidInput,
                    "None of the tables can be partitioned: a table needs a row timestamp, and either refers to others or is not referred to.",
                    "Set \"partition\" of a table in metadata.json.");
            }
        }

        return model.Tables.FirstOrDefault(table => table.Layout is { Partition: not null, Distribution.Column: null, Distribution: not null }) is { } both
            ? throw new StreamingException(
                ErrorIds.LayoutNotPossible,
                StreamingErrorKind.InvalidInput,
                $"Table \"{both.Name}\" cannot be partitioned: every server is to have it whole, and Citus has partitions of distributed tables only.",
                $"Omit \"partition\" of \"{both.Name}\" in metadata.json, or set its \"distribution\" to a column.",
                both.Name)
            : model;
    }

    /// <summary>Looks whether each partition can have its name.</summary>
    /// <exception cref="StreamingException">Two objects would have one name.</exception>
    public static void RequireNames(StreamModel model)
    {
        var names = model.Tables.ToDictionary(table => table.Name, table => $"the table \"{table.Name}\"", StringComparer.Ordinal);
        foreach (var table in model.Tables.Where(table => table.Layout.Partition is { IsOwn: true }))
        {
            // What holds of one period holds of all: names differ only in the table's part.
            var interval = table.Layout.Partition!.Interval!.Value;
            foreach (var name in new[] { PartitionPeriod.DefaultNameIn(table.Name), PartitionPeriod.Of(interval, DateTime.UnixEpoch).NameIn(table.Name, interval) })
            {
                if (!names.TryAdd(name, $"a partition of \"{table.Name}\""))
                {
                    throw new StreamingException(
                        ErrorIds.LayoutNotPossible,
                        StreamingErrorKind.InvalidInput,
                        $"Table \"{table.Name}\" cannot be partitioned: its partition would be called \"{name}\", as {names[name]} is.",
                        "Rename one of the two tables. Of a long name, PostgreSQL keeps 63 bytes with the partition's ending.",
                        table.Name);
                }
            }
        }
    }

    /// <summary>Tables of events are partitioned. A table that others refer to and that refers to none, such as users, keeps its keys as they are.</summary>
    private static TableModel Partition(StreamModel model, TableModel table, PartitionInterval interval) =>
        table.Layout is { Partition: null, Distribution: null or { Column: not null } } && RowTimestamp.OrDayOf(table) is { } time && LayoutParser.WhyNot(table, time) is null
        && (table.ForeignKeys.Count > 0 || !model.Tables.Any(other => other.KeyTo(table.Name) is not null))
            ? table with { Layout = table.Layout with { Partition = new PartitionModel(time.Name, interval) } }
            : table;

    /// <summary>
    /// The table to which most others refer is the anchor: it and those that refer to it are distributed by its key, so that rows that belong
    /// together are on one server. Other tables are small lists, which every server has whole.
    /// </summary>
    private static StreamModel Distribute(StreamModel model)
    {
        var anchor = model.Tables.Where(table => table.PrimaryKey.Count == 1)
            .Select(table => (Table: table, Children: model.Tables.Count(other => KeyOf(other, table) is not null)))
            .Where(candidate => candidate.Children > 0).MaxBy(candidate => candidate.Children).Table
            ?? model.Tables.FirstOrDefault(table => table.PrimaryKey.Count == 1);
        if (anchor is null)
        {
            throw new StreamingException(
                ErrorIds.LayoutNotPossible,
                StreamingErrorKind.InvalidInput,
                "No table has a primary key of one column by which the others could be distributed.",
                "Set \"distribution\" of the tables in metadata.json.");
        }

        var distributed = model.With(table => table.Layout.Distribution is not null ? table : table with
        {
            Layout = table.Layout with { Distribution = Of(table, anchor) },
        });
        if (Apart(distributed) is not { } reference)
        {
            return distributed;
        }

        var (apart, key) = reference;
        throw new StreamingException(
            ErrorIds.LayoutNotPossible,
            StreamingErrorKind.InvalidInput,
            $"Rows of \"{apart.Name}\" would not be on the server of the rows of \"{key.ParentTable}\" to which they refer by ({string.Join(", ", key.Columns)}).",
            $"Give \"{apart.Name}\" a required foreign key to \"{anchor.Name}\", by whose key rows are distributed, or set \"distribution\" of the tables in metadata.json.",
            apart.Name);
    }

    private static DistributionLayout Of(TableModel table, TableModel anchor) =>
        table == anchor ? new DistributionLayout(anchor.PrimaryKey[0])
        : KeyOf(table, anchor) is { } key ? new DistributionLayout(key.Columns[0]) { ColocateWith = anchor.Name }
        : new DistributionLayout(Column: null);

    private static ForeignKeyModel? KeyOf(TableModel table, TableModel anchor) => table.ForeignKeys.FirstOrDefault(key =>
        key.ParentTable == anchor.Name && key.ParentTable != table.Name && key.ParentColumns.SequenceEqual(anchor.PrimaryKey)
        && !table.IsOptional(key));

    /// <summary>A reference by which Citus could neither join nor check rows, or null.</summary>
    private static (TableModel Table, ForeignKeyModel Key)? Apart(StreamModel model) => (
        from table in model.Tables
        from key in table.ForeignKeys
        where !StoredKeys.AreTogether(model, table, key)
        select ((TableModel, ForeignKeyModel)?)(table, key)).FirstOrDefault();
}
