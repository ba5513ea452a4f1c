using System.Text;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Loads and proves a few rows by one statement per table, all in one round trip: an INSERT from arrays whose RETURNING rows are
/// looked up among their parents. COPY would take two round trips per table, and the proof a third.
/// </summary>
internal sealed class SmallPart
{
    /// <summary>A part of at most so many rows is loaded this way.</summary>
    public const int MaxRows = 1000;

    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly ForeignKeyCheck _check;
    private readonly ProofFindings _findings;

    public SmallPart(string schema, BatchPlan plan, BatchGenerator generator, ForeignKeyCheck check, ProofFindings findings)
    {
        _schema = schema;
        _plan = plan;
        _generator = generator;
        _check = check;
        _findings = findings;
    }

    /// <summary>Adds the statements of a part to a round trip.</summary>
    public void Ask(RoundTrip trip)
    {
        if (_check == ForeignKeyCheck.Set)
        {
            ParentLock.AskForFirstPart(trip, _schema, _plan, _generator);
        }

        LaterReferences.Defer(trip, _plan.Model);
        foreach (var table in _plan.Model.Tables)
        {
            var rows = _generator.Rows(table);
            if (rows.Count > 0)
            {
                using var block = new RowBlock();
                Fill(_generator.Table(table.Name), block, rows);
                var expectations = new List<string>();
                var sql = InsertSql(table, expectations);
                SetCheckedTables.BeginTable(trip, _plan.Model, table, _check);
                trip.Query(sql, row => _findings.Judge(table, rows.Count, expectations, row), Arrays(table.Columns, block));
                SetCheckedTables.EndTable(trip, _plan.Model, table, _check);
            }
        }

        new LaterReferences(_schema, _plan, _generator, _check).Ask(trip);
    }

    private string InsertSql(TableModel table, List<string> expectations)
    {
        var columns = Identifier.QuoteList(table.Columns.Select(column => column.Name));
        var arrays = string.Join(", ", Enumerable.Range(1, table.Columns.Count).Select(number => $"${number}"));
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        foreach (var key in ProvenKey.Of(_plan.Model, table, SetCheckedTables.CheckOf(_plan.Model, table, _check)))
        {
            if (key.IsPlain)
            {
                joins.Append($" LEFT JOIN {Identifier.Quote(_schema, key.ForeignKey.ParentTable)} AS {key.Alias} ON {key.JoinCondition}");
            }

            counts.Append($", {(key.IsPlain ? key.OffendingCountSql : key.LookUpCountSql(_schema, "written"))}");
            expectations.Add(key.Meaning);
        }

        return $"""
            WITH written AS (
                INSERT INTO {Identifier.Quote(_schema, table.Name)} ({columns}) SELECT * FROM unnest({arrays}) RETURNING {columns})
            SELECT {counts} FROM written AS {ProvenKey.ChildAlias}{joins}
            """;
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

    /// <summary>The values of a block's rows, an array per column.</summary>
    internal static NpgsqlParameter[] Arrays(IReadOnlyList<ColumnModel> model, RowBlock block)
    {
        var columns = model.Select(_ => new List<object?>(block.Rows)).ToArray();
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            for (var column = 0; column < columns.Length; column++)
            {
                var field = reader.NextField(out var isNull);
                columns[column].Add(isNull ? null : FieldCodec.Read(model[column].Type, field));
            }
        }

        return [.. columns.Select((values, column) => Array(model[column].Type, values))];
    }

    /// <summary>An array of values of a type.</summary>
    internal static NpgsqlParameter Array(ColumnType type, List<object?> values) => type.Kind switch
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
