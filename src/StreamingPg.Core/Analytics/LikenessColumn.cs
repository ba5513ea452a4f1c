using StreamingPg.Core.Catalog;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Analytics;

/// <summary>A column of two tables and what of it is compared.</summary>
/// <param name="Name">Name of the column.</param>
/// <param name="Measure">What is compared.</param>
/// <param name="Value">SQL of what is compared; the table's alias is <c>t</c>.</param>
internal sealed record LikenessColumn(string Name, LikenessMeasure Measure, string Value)
{
    /// <summary>SQL that tells the values apart; null where it does not matter how many there are.</summary>
    public string? Category { get; private init; }

    /// <summary>What of a column is compared; null for keys, whose values are all different and mean nothing, and for foreign keys,
    /// whose children per parent are compared.</summary>
    public static LikenessColumn? Of(LiveTable table, LiveColumn column, LiveTable with, LiveColumn other)
    {
        if (table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name) && with.ForeignKeys.Exists(same => same.Columns.SequenceEqual(key.Columns))))
        {
            return null;
        }

        var name = Identifier.Quote(column.Name);
        var isUnique = with.IsUnique([column.Name]);
        var (own, real) = (column.Type, other.Type);
        if (own is null || real is null)
        {
            return new LikenessColumn(column.Name, LikenessMeasure.Lengths, $"length(t.{name}::text)");
        }

        var isText = own.IsText && real.IsText;
        if (!isText && (isUnique || own.Kind == ColumnKind.Uuid))
        {
            return null;
        }

        if (PersonalData.IsLikely(column.Name) && !isText)
        {
            return new LikenessColumn(column.Name, LikenessMeasure.Nulls, "NULL::integer");
        }

        return (own.Kind, isText) switch
        {
            (_, true) => new LikenessColumn(column.Name, LikenessMeasure.Lengths, $"length(t.{name}::text)")
            {
                Category = isUnique || PersonalData.IsLikely(column.Name) ? null : Text(name),
            },
            (ColumnKind.Boolean or ColumnKind.Enum, _) => new LikenessColumn(column.Name, LikenessMeasure.Categories, Text(name)),
            (ColumnKind.Bytea, _) when real.Kind == ColumnKind.Bytea => new LikenessColumn(column.Name, LikenessMeasure.Lengths, $"octet_length(t.{name})"),
            _ when Ordered(own, real) is { } type => new LikenessColumn(column.Name, LikenessMeasure.Quantiles, $"t.{name}{type}") { Category = $"t.{name}{type}" },
            _ => new LikenessColumn(column.Name, LikenessMeasure.Lengths, $"length(t.{name}::text)"),
        };
    }

    /// <summary>The column, whose few values are categories.</summary>
    public LikenessColumn With(bool isCategory) => isCategory && Category is { } category
        ? this with { Measure = LikenessMeasure.Categories, Value = category }
        : this;

    /// <summary>Two columns may have collations that do not go together; whether texts are equal needs none.</summary>
    private static string Text(string name) => $"t.{name}::text COLLATE pg_catalog.\"C\"";

    /// <summary>The cast to a type that orders the values of both columns; null where there is none.</summary>
    private static string? Ordered(ColumnType own, ColumnType real) => (own, real) switch
    {
        // 0.1 as real is 0.100000001 as float8, but as text it is 0.1.
        ({ IsNumber: true }, { IsNumber: true }) => own.Kind != real.Kind && (own.Kind == ColumnKind.Real || real.Kind == ColumnKind.Real) ? "::text::float8" : "::float8",
        ({ Kind: ColumnKind.Date or ColumnKind.Timestamp }, { Kind: ColumnKind.Date or ColumnKind.Timestamp }) => "::timestamp",
        _ when IsDay(own) && IsDay(real) => "::timestamptz",
        ({ Kind: ColumnKind.Time }, { Kind: ColumnKind.Time }) => "::time",
        ({ Kind: ColumnKind.Interval }, { Kind: ColumnKind.Interval }) => "::interval",
        _ => null,
    };

    private static bool IsDay(ColumnType type) => type.IsTimestamp || type.Kind == ColumnKind.Date;
}

/// <summary>The queries that compare columns.</summary>
internal static class LikenessSql
{
    /// <summary>Rows, and per column its values and how many of them differ.</summary>
    public static string Counts(string from, IEnumerable<LikenessColumn> columns) =>
        $"SELECT {string.Join(", ", columns.SelectMany(column => Counts(column)).Prepend("count(*)"))} FROM {from}";

    private static IEnumerable<string> Counts(LikenessColumn column) =>
    [
        $"count(t.{Identifier.Quote(column.Name)})",
        column.Category is { } category ? $"count(DISTINCT {category})" : "9223372036854775807",
    ];

    /// <summary>Half the sum of the differences of the shares of each value.</summary>
    public static string TotalVariation(LikenessColumn column, string own, string against) =>
        $"""
        WITH own AS ({Shares(column, own)}), other AS ({Shares(column, against)})
        SELECT sum(abs(coalesce(own.share, 0) - coalesce(other.share, 0))) / 2 FROM own FULL JOIN other ON own.value = other.value
        """;

    private static string Shares(LikenessColumn column, string from) =>
        $"SELECT {column.Value} AS value, count(*)::float8 / sum(count(*)) OVER ()::float8 AS share FROM {from} WHERE {column.Value} IS NOT NULL GROUP BY 1";

    /// <summary>The greatest difference of the shares of values up to any value.</summary>
    public static string KolmogorovSmirnov(LikenessColumn column, string own, string against) =>
        KolmogorovSmirnov(Numbers(column, own), Numbers(column, against));

    /// <summary>The same of two queries of values and how often they come.</summary>
    public static string KolmogorovSmirnov(string own, string against) =>
        $"""
        SELECT max(abs(upto_own / nullif(all_own, 0) - upto_other / nullif(all_other, 0)))::float8 FROM (
            SELECT sum(own) OVER (ORDER BY value)::float8, sum(other) OVER (ORDER BY value)::float8, sum(own) OVER ()::float8, sum(other) OVER ()::float8
            FROM (SELECT value, sum(own) AS own, sum(other) AS other FROM (
                SELECT a.*, 0 FROM ({own}) AS a UNION ALL SELECT b.value, 0, b.rows FROM ({against}) AS b (value, rows)) AS rows (value, own, other)
                GROUP BY value) AS steps) AS shares (upto_own, upto_other, all_own, all_other)
        """;

    private static string Numbers(LikenessColumn column, string from) =>
        $"SELECT {column.Value}, count(*) FROM {from} WHERE {column.Value} IS NOT NULL GROUP BY 1";

    /// <summary>Share of the rows that refer to no parent.</summary>
    public static string NullShare(LiveForeignKey key, string from) =>
        $"SELECT avg(({string.Join(" OR ", key.Columns.Select(column => $"t.{Identifier.Quote(column)} IS NULL"))})::integer)::float8 FROM {from}";
}
