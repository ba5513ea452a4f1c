using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>A plain generator for every type, so that any column can be filled whatever it is called.</summary>
internal sealed class PlainColumns(ValuePools pools, long referenceTime)
{
    private const int RecentDays = 730;

    /// <summary>The generator of values of a type that say no more than that they are of it.</summary>
    public ColumnGenerator Create(ColumnType type, CountedRandom random) => type.Kind switch
    {
        ColumnKind.Uuid => new RandomUuidColumn(random),
        ColumnKind.SmallInteger or ColumnKind.Integer => new IntegerColumn(random, type.Kind, 0, 1000),
        ColumnKind.BigInteger => new IntegerColumn(random, type.Kind, 0, 1_000_000),
        ColumnKind.Real or ColumnKind.DoublePrecision => new FloatingPointColumn(random, type.Kind == ColumnKind.DoublePrecision),
        ColumnKind.Decimal => new DecimalColumn(random, type.Precision, type.Scale),
        ColumnKind.Boolean => new BooleanColumn(random),
        ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char => new PooledTextColumn(random, pools.Words.Fit(type.Length)),
        ColumnKind.Enum => new PooledTextColumn(random, new Utf8Pool(type.Labels)),
        ColumnKind.Date => new DateColumn(Times(random)),
        ColumnKind.Time => new TimeOfDayColumn(random),
        ColumnKind.Timestamp or ColumnKind.TimestampTz => Times(random),
        ColumnKind.Interval => new IntervalColumn(random),
        ColumnKind.Bytea => new BytesColumn(random),
        ColumnKind.Json or ColumnKind.Jsonb => new JsonColumn(random, QuotedWords(), type.Kind == ColumnKind.Jsonb),
        ColumnKind.Inet or ColumnKind.Cidr => new NetworkColumn(random, type.Kind == ColumnKind.Cidr),
        ColumnKind.MacAddr => new MacAddressColumn(random),
        ColumnKind.Literal => type.LiteralPattern is { } pattern ? new PatternColumn(random, pattern, null) : new RangeColumn(random, type, referenceTime),
        ColumnKind.Array => new ArrayColumn(random, BinaryType.Oid(type.Element!), Create(type.Element!, random.Derive("element"))),
        _ => throw new NotSupportedException($"There is no generator for columns of type {type.Kind}."),
    };

    private TimeColumn Times(CountedRandom random)
    {
        var from = referenceTime - (RecentDays * PostgresTime.Day);
        return new TimeColumn(random, null, new TimeBounds(from, from, referenceTime, long.MaxValue));
    }

    private Utf8Pool QuotedWords() => new([.. pools.Words.Values.Select(word => JsonSerializer.Serialize(word))]);
}
