using System.Globalization;
using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading;

/// <summary>Reads the values of columns that take them from a query or from another table, before a batch.</summary>
internal static class FromValues
{
    private static readonly OncePerTable<bool> Wanted = new(table => table.Columns.Any(IsFrom));

    /// <summary>The model, in which these columns have the values as they are now.</summary>
    /// <exception cref="StreamingException">The server refused, or there are no values.</exception>
    public static async Task<StreamModel> ReadAsync(DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken)
    {
        if (!model.Tables.Any(Wanted.Of))
        {
            return model;
        }

        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        foreach (var table in model.Tables.Where(Wanted.Of).ToList())
        {
            var columns = new List<ColumnModel>();
            foreach (var column in table.Columns)
            {
                try
                {
                    columns.Add(await ReadAsync(session, table, column, cancellationToken).ConfigureAwait(false));
                }
                catch (PostgresException exception)
                {
                    throw ServerError.Translate(exception, connection, $"Reading the values of \"{table.Name}\".\"{column.Name}\" (\"from\")");
                }
            }

            model = model.With(table with { Columns = columns });
        }

        return model;
    }

    private static bool IsFrom(ColumnModel column) => column.Rule is FromRule
        || column.When.Any(entry => entry.Source is { } source && IsFrom(source))
        || (column.Rule is ObjectRule json && json.Properties.Any(IsFrom));

    private static async Task<ColumnModel> ReadAsync(Session session, TableModel table, ColumnModel column, CancellationToken cancellationToken)
    {
        if (!IsFrom(column))
        {
            return column;
        }

        var cases = new List<WhenModel>();
        foreach (var entry in column.When)
        {
            cases.Add(entry with { Source = entry.Source is { } source ? await ReadAsync(session, table, source, cancellationToken).ConfigureAwait(false) : null });
        }

        column = column with { When = cases };
        switch (column.Rule)
        {
            case FromRule from:
                return column with { Rule = null, Values = await ReadAsync(session, table, column, from, cancellationToken).ConfigureAwait(false) };
            case ObjectRule json:
                var properties = new List<ColumnModel>();
                foreach (var property in json.Properties)
                {
                    properties.Add(await ReadAsync(session, table, property, cancellationToken).ConfigureAwait(false));
                }

                return column with { Rule = new ObjectRule(properties) };
            default:
                return column;
        }
    }

    private static async Task<IReadOnlyList<WeightedValue>> ReadAsync(
        Session session, TableModel table, ColumnModel column, FromRule from, CancellationToken cancellationToken)
    {
        var values = new Dictionary<object, double>();
        if (from.Query is not null)
        {
            // The role's own search path, in which its queries find their tables; the schema of the tables stands at its end.
            await session.QueryAsync(SessionSettings.UseRolePath, _ => { }, cancellationToken).ConfigureAwait(false);
        }

        using var text = new ServerText();
        await CommandBatch.ReadTextAsync(
            session.Open,
            $"SELECT * FROM ({from.Query ?? TableSql(session, from)}\n) AS source LIMIT {ValueFile.MaxValues + 1}",
            text.Describe,
            reader =>
            {
                if (text.Row(reader) is [{ } value, ..] row)
                {
                    values[value] = values.GetValueOrDefault(value) + (row.Length == 1 ? 1 : row[1] is { } weight ? Weight(table, column, weight) : 0);
                }
            },
            cancellationToken).ConfigureAwait(false);
        await session.QueryAsync(SessionSettings.UseFixedPath, _ => { }, cancellationToken).ConfigureAwait(false);
        return values.Count > ValueFile.MaxValues ? throw Error(table, column, $"\"from\" gives more than {ValueFile.MaxValues} values")
            : values.Values.Sum() > 0 ? [.. values.Select(entry => new WeightedValue(entry.Key, entry.Value))]
            : throw Error(table, column, "\"from\" gives no values");
    }

    private static string TableSql(Session session, FromRule from)
    {
        var dot = from.Table!.IndexOf('.', StringComparison.Ordinal);
        var name = dot < 0 ? session.Quote(from.Table) : Identifier.Quote(from.Table[..dot], from.Table[(dot + 1)..]);
        var column = Identifier.Quote(from.Column!);
        var weight = from.Weight is null ? "pg_catalog.count(*)" : $"pg_catalog.sum({Identifier.Quote(from.Weight)})";
        return $"SELECT {column}, {weight} FROM {name} WHERE {column} IS NOT NULL GROUP BY 1 ORDER BY 1";
    }

    private static double Weight(TableModel table, ColumnModel column, object weight)
    {
        try
        {
            return Convert.ToDouble(weight, CultureInfo.InvariantCulture) is >= 0 and var number && double.IsFinite(number)
                ? number
                : throw new FormatException();
        }
        catch (Exception exception) when (exception is FormatException or InvalidCastException or OverflowException)
        {
            throw Error(table, column, $"the second column of \"from\" is the weight, but \"{weight}\" is not a number of 0 or more");
        }
    }

    private static StreamingException Error(TableModel table, ColumnModel column, string reason) => ColumnError.At(table, column, new FormatException(reason));
}
