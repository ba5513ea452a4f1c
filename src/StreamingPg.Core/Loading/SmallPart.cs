using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Loads a few rows by one INSERT per table from arrays, all in one round trip: COPY would take two round trips per table.
/// </summary>
internal static class SmallPart
{
    /// <summary>A part of at most so many rows is loaded this way.</summary>
    public const int MaxRows = 1000;

    /// <summary>Adds the inserts of a part to a round trip.</summary>
    public static void Insert(RoundTrip trip, string schema, BatchPlan plan, BatchGenerator generator)
    {
        foreach (var table in plan.Model.Tables)
        {
            var rows = generator.Rows(table);
            if (rows.Count > 0)
            {
                using var block = new RowBlock();
                Fill(generator.Table(table.Name), block, rows);
                var columns = Identifier.QuoteList(table.Columns.Select(column => column.Name));
                var arrays = string.Join(", ", Enumerable.Range(1, table.Columns.Count).Select(number => $"${number}"));
                trip.Add(
                    $"INSERT INTO {Identifier.Quote(schema, table.Name)} ({columns}) SELECT * FROM unnest({arrays})",
                    Arrays(table, block));
            }
        }
    }

    private static void Fill(TableGenerator generator, RowBlock block, RowRange rows)
    {
        var writer = new RowWriter(block);
        for (var row = rows.From; row < rows.To;)
        {
            if (writer.Position > 0)
            {
                block.Grow(2 * block.Buffer.Length);
                writer.Use(block);
            }

            row = generator.Fill(writer, row, rows.To);
        }
    }

    private static NpgsqlParameter[] Arrays(TableModel table, RowBlock block)
    {
        var columns = table.Columns.Select(_ => new List<object?>(block.Rows)).ToArray();
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            for (var column = 0; column < columns.Length; column++)
            {
                var field = reader.NextField(out var isNull);
                columns[column].Add(isNull ? null : FieldCodec.Read(table.Columns[column].Type, field));
            }
        }

        return [.. columns.Select((values, column) => Array(table.Columns[column].Type, values))];
    }

    private static NpgsqlParameter Array(ColumnType type, List<object?> values) => type.Kind switch
    {
        ColumnKind.Uuid => Array<Guid?>(values, NpgsqlDbType.Uuid),
        ColumnKind.Integer or ColumnKind.Serial => Array<int?>(values, NpgsqlDbType.Integer),
        ColumnKind.VarChar => Array<string?>(values, NpgsqlDbType.Text),
        ColumnKind.Decimal => Array<decimal?>(values, NpgsqlDbType.Numeric),
        ColumnKind.Timestamp => Array<DateTime?>(values, NpgsqlDbType.Timestamp),
        _ => throw new NotSupportedException($"Columns of type {type.Kind} cannot be sent as an array."),
    };

    private static NpgsqlParameter<TValue[]> Array<TValue>(List<object?> values, NpgsqlDbType type) => new()
    {
        TypedValue = [.. values.Select(value => (TValue)value!)],
        NpgsqlDbType = NpgsqlDbType.Array | type,
    };
}
