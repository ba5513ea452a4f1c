using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>Reads which rows of other schemas new rows may refer to.</summary>
internal static class OutsideParents
{
    private const int MostParents = 1000;

    /// <summary>The model, its columns that refer to other schemas narrowed to values that are there; itself when it has none.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="isFilled">Which of them get rows.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">There is nothing to refer to, and NULL is not allowed.</exception>
    public static async Task<StreamModel> ReadAsync(
        DatabaseConnection connection, StreamModel model, Func<string, bool> isFilled, CancellationToken cancellationToken)
    {
        var open = model.Tables.Where(table => isFilled(table.Name) && table.OutsideKeys.Any(key => IsOpen(table, key))).ToHashSet();
        if (open.Count == 0)
        {
            return model;
        }

        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var tables = new List<TableModel>();
            foreach (var table in model.Tables)
            {
                tables.Add(open.Contains(table) ? await NarrowAsync(session.Open, table, cancellationToken).ConfigureAwait(false) : table);
            }

            return new StreamModel(tables) { UserTypes = model.UserTypes };
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Reading the rows of other schemas");
        }
    }

    private static bool IsOpen(TableModel table, OutsideKeyModel key) => table.Column(key.Column) is { Values: null, IsLeftToServer: false, IsAutoIncrement: false };

    private static async Task<TableModel> NarrowAsync(NpgsqlConnection open, TableModel table, CancellationToken cancellationToken)
    {
        var columns = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        foreach (var key in table.OutsideKeys.Where(key => IsOpen(table, key)))
        {
            var values = new List<WeightedValue>();
            var name = Identifier.Quote(key.ParentColumn);
            var commands = new CommandBatch(open);
            commands.Query(
                $"SELECT {name}::text FROM {Identifier.Quote(key.Schema, key.Table)} WHERE {name} IS NOT NULL LIMIT {MostParents}",
                row => values.Add(new WeightedValue(row.GetString(0), 1)));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            var column = columns[key.Column];
            columns[key.Column] = values.Count > 0 ? column with { Values = values, Generator = null, Pattern = null, Minimum = null, Maximum = null, Distribution = null, After = null }
                : column.IsNullable == true && !column.IsPrimaryKey ? column with { NullRatio = 1 }
                : throw NoParents(table, key);
        }

        return table with { Columns = [.. table.Columns.Select(column => columns[column.Name])] };
    }

    private static StreamingException NoParents(TableModel table, OutsideKeyModel key) => new(
        ErrorIds.NoParents,
        StreamingErrorKind.InvalidInput,
        $"Rows of \"{table.Name}\" refer to {Identifier.Quote(key.Schema, key.Table)} in another schema, which has no rows.",
        $"Fill schema \"{key.Schema}\" first.",
        table.Name);
}
