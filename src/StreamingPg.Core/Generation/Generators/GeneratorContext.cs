using System.Globalization;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>All that a generator may need to know of its column.</summary>
internal sealed record GeneratorContext
{
    /// <summary>The batch.</summary>
    public required BatchPlan Plan { get; init; }

    /// <summary>The table, with the generators of the columns that were made before.</summary>
    public required TableGenerator Table { get; init; }

    /// <summary>The column.</summary>
    public required ColumnModel Column { get; init; }

    /// <summary>The random stream of the column.</summary>
    public required CountedRandom Random { get; init; }

    /// <summary>The pools of the column's locale.</summary>
    public required ValuePools Pools { get; init; }

    /// <summary>The arguments.</summary>
    public required IReadOnlyDictionary<string, object> Arguments { get; init; }

    /// <summary>The time that a row's own time must not precede, or null.</summary>
    public Func<long, long?>? Earliest { get; init; }

    /// <summary>True when the column is in a unique key, so that its values must be numbered.</summary>
    public bool IsNumbered { get; init; }

    /// <summary>Maximum characters of the column; null means no limit.</summary>
    public int? Length => Column.Type.Length;

    /// <summary>Reference time, microseconds since 2000-01-01.</summary>
    public long ReferenceTime => PostgresTime.FromDateTime(Plan.ReferenceTime);

    /// <summary>A text argument, or what stands for it.</summary>
    public string Text(string name, string otherwise) => Arguments.TryGetValue(name, out var value) ? (string)value : otherwise;

    /// <summary>A number argument, or what stands for it.</summary>
    public int Number(string name, int otherwise) =>
        Arguments.TryGetValue(name, out var value) ? Convert.ToInt32(value, CultureInfo.InvariantCulture) : otherwise;

    /// <summary>What makes a text of the row unique.</summary>
    public RowTag Tag() => new(Plan.BatchNumber, Plan.Seed);

    /// <summary>Rows of the table in the batch.</summary>
    public long Rows => Plan.RowsOf(Table.Table.Name);

    /// <summary>The columns that are about the same person, place, company, product or card as this one.</summary>
    public EntityGroup Entity => EntityGroups.Of(Table.Table, Column);

    /// <summary>The person that the column is about.</summary>
    public PersonDraw Person() => new(RandomOf("person", Entity), PoolsOf(Entity));

    /// <summary>The company that the column is about.</summary>
    public CompanyDraw Company(EntityGroup? group = null) => new(RandomOf("company", group ?? Entity), PoolsOf(group ?? Entity));

    /// <summary>The place that the column is about, as all columns of the place need it.</summary>
    public PlaceDraw Place() => new(RandomOf("place", Entity), PlaceSet.For(PlaceRules.Needs(this)));

    /// <summary>The random stream of an entity of the row.</summary>
    public CountedRandom RandomOf(string entity, EntityGroup group) => CountedRandom.FromSeed(Plan.Seed).Derive(Plan.BatchNumber)
        .Derive(Table.Table.Name).Derive(entity).Derive(group.Name);

    private ValuePools PoolsOf(EntityGroup group) => group.Locale is { } locale ? ValuePools.For(locale) : Pools;

    /// <summary>Text from a pool.</summary>
    public PooledTextColumn Pooled(Utf8Pool pool) => new(Random, pool, Length);

    /// <summary>Text from a pool of the locale.</summary>
    public PooledTextColumn Pooled(PoolKind kind) => Pooled(Pools.Of(kind));

    /// <summary>Text that a pattern makes.</summary>
    public PatternColumn Pattern(string pattern) => new(Random, pattern, Length);

    /// <summary>
    /// Numbers or times between bounds that metadata may narrow or widen, and CHECKs narrow, distributed as metadata says. A histogram has
    /// bounds of its own.
    /// </summary>
    public ScaledColumn Scaled(object minimum, object maximum, DistributionKind distribution = DistributionKind.Uniform)
    {
        var scale = ValueScale.For(Column.Type)!;
        var isHistogram = Column.Distribution?.Bounds is not null;
        var (least, most) = CheckBounds.Within(Column, scale, minimum, maximum);
        return Scaled(Column with
        {
            Minimum = least ?? (!isHistogram && scale.Fits(minimum) ? minimum : null),
            Maximum = most ?? (!isHistogram && scale.Fits(maximum) ? maximum : null),
            Distribution = Column.Distribution ?? new DistributionModel(distribution),
        });
    }

    /// <summary>True when neither metadata nor a CHECK keeps the column from having any of these values.</summary>
    public bool Allows(object minimum, object maximum) => CheckBounds.Allow(Column, minimum, maximum);

    /// <summary>Numbers or times as metadata says.</summary>
    public ScaledColumn Scaled() => Scaled(Column);

    /// <summary>Numbers or times as the column says, which may be one that was changed.</summary>
    public ScaledColumn Scaled(ColumnModel column) => Scaled(column, steps => steps);

    /// <summary>The same with other steps.</summary>
    public ScaledColumn Scaled(ColumnModel column, Func<StepSource, StepSource> change)
    {
        var scale = ValueScale.For(column.Type)!;
        var bounds = StepBounds.Of(column, scale, Plan.ReferenceTime);
        return new ScaledColumn(scale, bounds, change(StepSources.Create(column.Distribution, scale, Random, bounds)));
    }
}
