using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>
/// The references at which cycles of foreign keys were cut. Optional ones are loaded as NULL and set when the rows that they refer to
/// are there; the others are there from the start, and the server looks at them when all rows are.
/// </summary>
internal sealed class DeferredReferences
{
    private const int RowsAtATime = 10_000;

    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly ForeignKeyCheck _check;

    public DeferredReferences(string schema, BatchPlan plan, BatchGenerator generator, ForeignKeyCheck check)
    {
        _schema = schema;
        _plan = plan;
        _generator = generator;
        _check = check;
    }

    /// <summary>Before the rows: lets references wait that cannot be NULL meanwhile.</summary>
    public static void Defer(CommandBatch commands, StreamModel model)
    {
        if (MustWait(model))
        {
            commands.Add("SET CONSTRAINTS ALL DEFERRED");
        }
    }

    /// <summary>After the rows: sets the references, in the same round trip.</summary>
    public void Ask(CommandBatch commands)
    {
        foreach (var table in _plan.Model.Tables)
        {
            var rows = _generator.Rows(table);
            for (var from = rows.From; from < rows.To; from += RowsAtATime)
            {
                Ask(commands, table, new RowRange(from, Math.Min(rows.To, from + RowsAtATime)));
            }
        }

        AskToLook(commands);
    }

    /// <summary>After the rows: sets the references, some thousand at a time.</summary>
    public async Task SetAsync(NpgsqlConnection open, CancellationToken cancellationToken)
    {
        foreach (var table in _plan.Model.Tables.Where(HasLater))
        {
            var rows = _generator.Rows(table);
            for (var from = rows.From; from < rows.To; from += RowsAtATime)
            {
                var commands = new CommandBatch(open);
                Ask(commands, table, new RowRange(from, Math.Min(rows.To, from + RowsAtATime)));
                await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }
        }

        var last = new CommandBatch(open);
        AskToLook(last);
        await last.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static bool MustWait(StreamModel model) =>
        model.Tables.Any(table => table.ForeignKeys.Any(key => key.IsLoadedLater && !table.IsOptional(key)));

    private static bool HasLater(TableModel table) => table.ForeignKeys.Any(key => key.IsLoadedLater && table.IsOptional(key));

    private void AskToLook(CommandBatch commands)
    {
        if (MustWait(_plan.Model))
        {
            commands.Add("SET CONSTRAINTS ALL IMMEDIATE");
        }
    }

    private void Ask(CommandBatch commands, TableModel table, RowRange rows)
    {
        if (!HasLater(table) || rows.Count == 0)
        {
            return;
        }

        var generator = _generator.Table(table.Name);
        var keys = table.PrimaryKey.Select(table.Column).ToList();
        var later = table.Columns.Where(column => ReferenceColumns.FindLater(generator, column) is not null).ToList();
        var columns = keys.Concat(later).ToList();
        using var block = new RowBlock();
        Fill(generator, keys, later, rows, block);
        var arrays = string.Join(", ", columns.Select((column, index) => ColumnSql.ArrayParameter(_schema, column.Type, index + 1)));
        SetCheckedTables.BeginTable(commands, _plan.Model, table, _check);
        commands.QueryWithOtherPath(
            $"""
            UPDATE {Identifier.Quote(_schema, table.Name)} AS t
            SET {string.Join(", ", later.Select(column => $"{Identifier.Quote(column.Name)} = later.{Identifier.Quote(column.Name)}"))}
            FROM unnest({arrays}) AS later ({Identifier.QuoteList(columns.Select(column => column.Name))})
            WHERE {string.Join(" AND ", keys.Select(column => $"t.{Identifier.Quote(column.Name)} = later.{Identifier.Quote(column.Name)}"))}
              AND ({string.Join(" OR ", later.Select(column => $"later.{Identifier.Quote(column.Name)} IS NOT NULL"))})
              AND {SessionSettings.RolePathHolds}
            """,
            _ => { },
            SmallChunk.Arrays(columns, block));
        SetCheckedTables.EndTable(commands, _plan.Model, table, _check);
    }

    private static void Fill(
        TableGenerator generator, IReadOnlyList<ColumnModel> keys, IReadOnlyList<ColumnModel> later, RowRange rows, RowBlock block)
    {
        ColumnGenerator[] columns =
        [
            .. keys.Select(column => generator.Columns[generator.Table.IndexOf(column.Name)]),
            .. later.Select(column => ReferenceColumns.FindLater(generator, column)!),
        ];
        var writer = new RowWriter(block);
        for (var row = rows.From; row < rows.To; row++)
        {
            writer.BeginRow(columns.Length);
            foreach (var column in columns)
            {
                column.Write(writer, row);
            }

            writer.EndRow();
        }
    }
}
