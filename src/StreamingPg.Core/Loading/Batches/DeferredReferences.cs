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

    private readonly ChunkTransaction _transaction;
    private readonly BatchGenerator _generator;

    public DeferredReferences(ChunkTransaction transaction, BatchGenerator generator)
    {
        _transaction = transaction;
        _generator = generator;
    }

    private StreamModel Model => _transaction.Model;

    /// <summary>Before the rows: lets references wait that cannot be NULL meanwhile.</summary>
    public void Defer(CommandBatch commands)
    {
        if (MustWait)
        {
            commands.Add("SET CONSTRAINTS ALL DEFERRED");
        }
    }

    /// <summary>After the rows: sets the references, in the same round trip.</summary>
    public void Ask(CommandBatch commands)
    {
        foreach (var table in Model.Tables)
        {
            var rows = _generator.Rows(table);
            for (var from = rows.From; from < rows.To; from += RowsAtATime)
            {
                AskFor(commands, table, new RowRange(from, Math.Min(rows.To, from + RowsAtATime)));
            }
        }

        AskToLook(commands);
    }

    /// <summary>After the rows: sets the references, some thousand at a time.</summary>
    public async Task SetAsync()
    {
        foreach (var table in Model.Tables.Where(HasLater))
        {
            var rows = _generator.Rows(table);
            for (var from = rows.From; from < rows.To; from += RowsAtATime)
            {
                var commands = _transaction.NewCommands();
                AskFor(commands, table, new RowRange(from, Math.Min(rows.To, from + RowsAtATime)));
                await _transaction.ExecuteAsync(commands).ConfigureAwait(false);
            }
        }

        var last = _transaction.NewCommands();
        AskToLook(last);
        await _transaction.ExecuteAsync(last).ConfigureAwait(false);
    }

    // Without triggers, references are there from the start, and the verification looks at all of them.
    private bool IsByRow(TableModel table) => _transaction.Checks.CheckOf(table) == ForeignKeyCheck.Row;

    private bool MustWait => Model.Tables.Any(table => IsByRow(table) && table.ForeignKeys.Any(key => key.IsLoadedLater && !table.IsOptional(key)));

    private bool HasLater(TableModel table) => IsByRow(table) && table.ForeignKeys.Any(key => key.IsLoadedLater && table.IsOptional(key));

    private void AskToLook(CommandBatch commands)
    {
        if (MustWait)
        {
            commands.Add("SET CONSTRAINTS ALL IMMEDIATE");
        }
    }

    private void AskFor(CommandBatch commands, TableModel table, RowRange rows)
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
        var arrays = string.Join(", ", columns.Select((column, index) =>
            EncodedArray.Sql(column.Type, ColumnSql.TypeName(_transaction.Schema, column.Type), index + 1)));
        _transaction.Checks.BeginTable(commands, table);
        commands.AddWithOtherPath(
            $"""
            UPDATE {_transaction.Session.Quote(table.Name)} AS t
            SET {string.Join(", ", later.Select(column => $"{Identifier.Quote(column.Name)} = later.{Identifier.Quote(column.Name)}"))}
            FROM unnest({arrays}) AS later ({Identifier.QuoteList(columns.Select(column => column.Name))})
            WHERE {string.Join(" AND ", keys.Select(column => $"t.{Identifier.Quote(column.Name)} = later.{Identifier.Quote(column.Name)}"))}
              AND ({string.Join(" OR ", later.Select(column => $"later.{Identifier.Quote(column.Name)} IS NOT NULL"))})
              AND {SessionSettings.RolePathHolds}
            """,
            EncodedArray.Parameters(columns, block));
        _transaction.Checks.EndTable(commands, table);
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
