using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>
/// The rows of a batch, told by their keys, which its plan makes again: ranges of keys that no other batch has, or key by key where a
/// table's keys are no range.
/// </summary>
internal sealed class BatchKeys : IRemovalSelection
{
    private readonly string _schema;
    private readonly Dictionary<string, List<NewRowKeys>> _ranges = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<object?[]>> _keys = new(StringComparer.Ordinal);

    /// <param name="schema">Schema of the tables.</param>
    /// <param name="plan">The plan of the batch.</param>
    /// <param name="chunks">The chunks that are loaded.</param>
    /// <exception cref="StreamingException">A table has no key to tell its rows by, or others sum its rows up.</exception>
    public BatchKeys(string schema, BatchPlan plan, IEnumerable<int> chunks)
    {
        _schema = schema;
        if (SumRule.Of(plan.Model).FirstOrDefault(sum => plan.RowsOf(sum.Parts.Name) > 0 && plan.RowsOf(sum.Whole.Name) == 0) is { } rule)
        {
            throw new StreamingException(
                ErrorIds.BatchRowsSummed,
                StreamingErrorKind.InvalidInput,
                $"Rows of the batch in \"{rule.Parts.Name}\" are summed up in rows of \"{rule.Whole.Name}\" that were there before, whose sums would be wrong without them.",
                "Close the batch with -Rows Keep (--rows Keep).",
                rule.Parts.Name);
        }

        var first = new BatchGenerator(plan, 0);
        var generators = chunks.Select(chunk => chunk == 0 ? first : new BatchGenerator(plan, chunk)).ToList();
        foreach (var table in plan.Model.Tables.Where(table => plan.RowsOf(table.Name) > 0))
        {
            if (table.PrimaryKey.Count == 0)
            {
                throw new StreamingException(
                    ErrorIds.BatchRowsUnknown,
                    StreamingErrorKind.InvalidInput,
                    $"Table \"{table.Name}\" has no primary key, so nothing tells which of its rows are of the batch.",
                    "Close the batch with -Rows Keep (--rows Keep).",
                    table.Name);
            }

            if (NewRowKeys.CanBeRange(table))
            {
                _ranges.Add(table.Name, [.. Joined(generators.Select(generator => generator.Rows(table)))
                    .Select(rows => NewRowKeys.Of(first.Table(table.Name), rows))]);
            }
            else
            {
                var places = table.PrimaryKey.Select(table.IndexOf).ToList();
                _keys.Add(table.Name, [.. generators
                    .Where(generator => generator.Rows(table).Count > 0)
                    .SelectMany(generator => RowMaker.Read(generator.Table(table.Name), generator.Rows(table)))
                    .Select(values => places.Select(place => values[place]).ToArray())]);
            }
        }
    }

    /// <inheritdoc/>
    public bool Selects(TableModel table) =>
        _ranges.GetValueOrDefault(table.Name)?.Count > 0 || _keys.GetValueOrDefault(table.Name)?.Count > 0;

    /// <inheritdoc/>
    public string? IsSelectedSql(TableModel table, string alias, List<NpgsqlParameter> parameters)
    {
        if (_ranges.TryGetValue(table.Name, out var ranges))
        {
            return ranges.Count == 0 ? null : $"({string.Join(" OR ", ranges.Select(range => IsInSql(range, alias, parameters)))})";
        }

        if (!_keys.TryGetValue(table.Name, out var keys))
        {
            return null;
        }

        var arrays = new List<string>();
        foreach (var (name, place) in table.PrimaryKey.Select((name, place) => (name, place)))
        {
            var type = table.Column(name).Type;
            parameters.Add(ServerValue.Array(type, keys.ConvertAll(key => key[place])));
            arrays.Add(ColumnSql.ArrayParameter(_schema, type, parameters.Count));
        }

        var columns = string.Join(", ", table.PrimaryKey.Select(column => $"{alias}.{Identifier.Quote(column)}"));
        return $"({columns}) IN (SELECT * FROM unnest({string.Join(", ", arrays)}))";
    }

    private static string IsInSql(NewRowKeys range, string alias, List<NpgsqlParameter> parameters)
    {
        parameters.Add(new NpgsqlParameter { Value = range.First });
        parameters.Add(new NpgsqlParameter { Value = range.Last });
        return $"{alias}.{Identifier.Quote(range.Column)} BETWEEN ${parameters.Count - 1} AND ${parameters.Count}";
    }

    /// <summary>The same rows in as few ranges as possible.</summary>
    private static List<RowRange> Joined(IEnumerable<RowRange> chunks)
    {
        var joined = new List<RowRange>();
        foreach (var rows in chunks.Where(rows => rows.Count > 0).OrderBy(rows => rows.From))
        {
            if (joined.Count > 0 && joined[^1].To == rows.From)
            {
                joined[^1] = joined[^1] with { To = rows.To };
            }
            else
            {
                joined.Add(rows);
            }
        }

        return joined;
    }
}
