using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Chooses the generator of a column that refers to nothing, by its name and type.</summary>
internal sealed class ColumnChoice(BatchPlan plan, ValuePools pools)
{
    private const int RegistrationDays = 730;
    private const int RecentDays = 30;
    private const int LineMinutes = 5;

    private readonly long _referenceTime = PostgresTime.FromDateTime(plan.ReferenceTime);
    private readonly PlainColumns _plain = new(pools, PostgresTime.FromDateTime(plan.ReferenceTime));

    /// <summary>True when a column's values follow those of another column of its row, which must be chosen before.</summary>
    public static bool FollowsAnother(ColumnModel column) => column.Name is "email" or ShopLines.UnitPrice;

    /// <summary>The generator of a column of <paramref name="table"/>.</summary>
    /// <param name="table">Its table; a column that this one follows is set already.</param>
    /// <param name="column">The column.</param>
    /// <param name="random">Random stream of the column.</param>
    /// <param name="earliest">The time that a row's own time must not precede, or null.</param>
    /// <param name="isLine">True for the lines of a shop, which follow their transaction at once.</param>
    public ColumnGenerator Choose(
        TableGenerator table, ColumnModel column, CountedRandom random, Func<long, long?>? earliest, bool isLine) =>
        column.Type.Kind switch
        {
            _ when column.IsAutoIncrement => new SequenceColumn(
                column.Type.WithoutSequence().Kind,
                plan.FirstSequenceValue.TryGetValue(table.Table.Name, out var first) ? first : null),
            ColumnKind.Uuid => new UuidKeyColumn(random, plan.KeyTime),
            ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char => Text(table, column, random),
            ColumnKind.Integer => Integer(column, random),
            ColumnKind.Decimal => Decimal(table, column, random),
            ColumnKind.Timestamp or ColumnKind.TimestampTz => Time(table, column, random, earliest, isLine),
            _ => _plain.Create(column.Type, random),
        };

    private ColumnGenerator Text(TableGenerator table, ColumnModel column, CountedRandom random)
    {
        var length = column.Type.Length;
        return column.Name switch
        {
            "name" or "full_name" => new PersonNameColumn(random, pools, length),
            "email" => new EmailColumn(random, NamesOf(table, random), pools, plan, length),
            "city" => new PooledTextColumn(random, pools.Cities.Fit(length)),
            ShopLines.Product => new PooledTextColumn(random, pools.ProductNames.Fit(length)),
            "status" => new WeightedTextColumn(
                random, length, ("completed", 78), ("pending", 12), ("refunded", 4), ("cancelled", 4), ("failed", 2)),
            _ => new PooledTextColumn(random, pools.Words.Fit(length)),
        };
    }

    private PersonNameColumn NamesOf(TableGenerator table, CountedRandom random) =>
        table.Column<PersonNameColumn>("name") ?? table.Column<PersonNameColumn>("full_name")
        ?? new PersonNameColumn(random.Derive("name"), pools, null);

    private static IntegerColumn Integer(ColumnModel column, CountedRandom random) => column.Name switch
    {
        "age" => new IntegerColumn(random, 18, 90),
        ShopLines.Quantity => new IntegerColumn(random, 1, 5),
        _ when column.IsPrimaryKey => throw new StreamingException(
            "KeyNotGenerated",
            StreamingErrorKind.InvalidMetadata,
            $"The values of key column \"{column.Name}\" cannot be made: it is an INTEGER that neither a sequence nor a parent gives.",
            "Make it SERIAL, UUID, or a foreign key.",
            column.Name),
        _ => new IntegerColumn(random, 0, 1000),
    };

    private ColumnGenerator Decimal(TableGenerator table, ColumnModel column, CountedRandom random) =>
        column.Name == ShopLines.UnitPrice && table.Column<PooledTextColumn>(ShopLines.Product) is { } products
            ? new UnitPriceColumn(products, pools.Products, column.Type)
            : new DecimalColumn(random, column.Type.Precision, column.Type.Scale);

    private TimeColumn Time(
        TableGenerator table, ColumnModel column, CountedRandom random, Func<long, long?>? earliest, bool isLine)
    {
        // A second time of the same row (updated_at after created_at) follows the first.
        if (table.TimeColumnIndex >= 0 && table.Columns[table.TimeColumnIndex] is TimeColumn first)
        {
            return new TimeColumn(random, row => first.At(row), _referenceTime, RecentDays * PostgresTime.Day, closeToEarliest: true);
        }

        if (isLine)
        {
            return new TimeColumn(random, earliest, _referenceTime, LineMinutes * PostgresTime.Minute, closeToEarliest: true);
        }

        var days = table.Table.ForeignKeys.Count == 0 ? RegistrationDays : RecentDays;
        return new TimeColumn(random, earliest, _referenceTime, days * PostgresTime.Day, closeToEarliest: false);
    }
}
