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

    private static bool IsOpen(TableModel table, OutsideKeyModel key) =>
        key.Columns.All(column => table.Column(column) is { Values: null, IsLeftToServer: false, IsAutoIncrement: false });

    private static async Task<TableModel> NarrowAsync(NpgsqlConnection open, TableModel table, CancellationToken cancellationToken)
    {
        foreach (var key in table.OutsideKeys.Where(key => IsOpen(table, key)))
        {
            var rows = await ReadAsync(open, key, cancellationToken).ConfigureAwait(false);
            var columns = key.Columns.Select(table.Column).ToList();
            if (rows.Count == 0)
            {
                // Where one column of a key is NULL, nothing is referred to.
                var none = columns.Find(column => column is { IsNullable: true, IsPrimaryKey: false }) ?? throw NoParents(table, key);
                table = table.With(none with { NullRatio = 1 });
                continue;
            }

            for (var index = 0; index < columns.Count; index++)
            {
                table = table.With(columns[index] with
                {
                    Values = [.. rows.Select(row => new WeightedValue(row[index], 1))],
                    DrawnWith = columns.Count == 1 ? null : string.Join(' ', key.Columns),
                    Generator = null,
                    Pattern = null,
                    Minimum = null,
                    Maximum = null,
                    Distribution = null,
                    After = null,
                });
            }
        }

        return table;
    }

    private static async Task<List<string[]>> ReadAsync(NpgsqlConnection open, OutsideKeyModel key, CancellationToken cancellationToken)
    {
        var rows = new List<string[]>();
        var names = key.ParentColumns.Select(Identifier.Quote).ToList();
        var commands = new CommandBatch(open);
        commands.Query(
            $"""
            SELECT {string.Join(", ", names.Select(name => $"{name}::text"))} FROM {Identifier.Quote(key.Schema, key.Table)}
            WHERE {string.Join(" AND ", names.Select(name => $"{name} IS NOT NULL"))} LIMIT {MostParents}
            """,
            row => rows.Add([.. names.Select((_, index) => row.GetString(index))]));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return rows;
    }

    private static StreamingException NoParents(TableModel table, OutsideKeyModel key) => new(
        ErrorIds.NoParents,
        StreamingErrorKind.InvalidInput,
        $"Rows of \"{table.Name}\" refer to {Identifier.Quote(key.Schema, key.Table)} in another schema, which has no rows.",
        $"Fill schema \"{key.Schema}\" first.",
        table.Name);
}
