using System.Text;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading.References;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// Loads and proves a few rows by one statement per table, all in one round trip: an INSERT from arrays whose RETURNING rows are
/// looked up among their parents. COPY would take two round trips per table, and the proof a third.
/// </summary>
internal sealed class SmallChunk
{
    /// <summary>A chunk of at most this many rows is loaded this way.</summary>
    public const int MaxRows = 1000;

    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly ForeignKeyCheck _check;
    private readonly VerificationFindings _findings;

    public SmallChunk(string schema, BatchPlan plan, BatchGenerator generator, ForeignKeyCheck check, VerificationFindings findings)
    {
        _schema = schema;
        _plan = plan;
        _generator = generator;
        _check = check;
        _findings = findings;
    }

    /// <summary>Adds the statements of a chunk to a round trip.</summary>
    public void Ask(CommandBatch commands)
    {
        if (_check == ForeignKeyCheck.Set)
        {
            ParentLock.AskForFirstChunk(commands, _schema, _plan, _generator);
        }

        DeferredReferences.Defer(commands, _plan.Model);
        foreach (var table in _plan.Model.Tables)
        {
            var rows = _generator.Rows(table);
            if (rows.Count > 0)
            {
                using var block = new RowBlock();
                Fill(_generator.Table(table.Name), block, rows);
                var expectations = new List<string>();
                var sql = InsertSql(table, expectations);
                SetCheckedTables.BeginTable(commands, _plan.Model, table, _check);
                commands.QueryWithOtherPath(sql, row => _findings.Judge(table, rows.Count, expectations, row), Arrays([.. table.WrittenColumns], block));
                SetCheckedTables.EndTable(commands, _plan.Model, table, _check);
            }
        }

        new DeferredReferences(_schema, _plan, _generator, _check).Ask(commands);
    }

    private string InsertSql(TableModel table, List<string> expectations)
    {
        var columns = Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name));
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        foreach (var key in VerifiedKey.Of(_plan.Model, table, SetCheckedTables.CheckOf(_plan.Model, table, _check)))
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
                INSERT INTO {Identifier.Quote(_schema, table.Name)} ({columns}){(table.SequenceColumn is null ? "" : " OVERRIDING SYSTEM VALUE")}
                {SelectSql(table)} RETURNING {columns})
            SELECT {counts} FROM written AS {VerifiedKey.ChildAlias}{joins}
            """;
    }

    /// <summary>The rows of the arrays; what was sent as text becomes what it says.</summary>
    private string SelectSql(TableModel table)
    {
        ColumnModel[] columns = [.. table.WrittenColumns];
        var names = columns.Select((_, index) => $"c{index}");
        var values = columns.Select((column, index) => ServerValue.IsSentAsText(column.Type)
            ? $"c{index}::{ColumnSql.TypeName(_schema, column.Type)}"
            : $"c{index}");
        var arrays = columns.Select((_, index) => $"${index + 1}");
        return $"SELECT {string.Join(", ", values)} FROM unnest({string.Join(", ", arrays)}) AS v ({string.Join(", ", names)}) "
            + $"WHERE {SessionSettings.RolePathHolds}";
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

        return [.. columns.Select((values, column) => ServerValue.Array(model[column].Type, values))];
    }
}
