using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Analytics;

/// <summary>What tables are compared with: a table, or a schema with tables of the same names.</summary>
/// <param name="Schema">The schema.</param>
/// <param name="Table">The table; null for all.</param>
internal sealed record LikenessTarget(string Schema, string? Table)
{
    /// <summary>Reads <c>schema</c> or <c>schema.table</c>. A name with a dot stands in double quotes, as in SQL.</summary>
    /// <exception cref="StreamingException">It is neither.</exception>
    public static LikenessTarget Parse(string text)
    {
        var names = new List<string>();
        var rest = text;
        while (Name(rest) is { } found)
        {
            names.Add(found.Name);
            if (found.Tail.Length == 0)
            {
                return names switch
                {
                    [var schema] => new LikenessTarget(schema, null),
                    [var schema, var table] => new LikenessTarget(schema, table),
                    _ => throw Invalid(text),
                };
            }

            rest = found.Tail[1..];
        }

        throw Invalid(text);
    }

    /// <summary>The first name, and what follows from its dot on; null when there is none.</summary>
    private static (string Name, string Tail)? Name(string text)
    {
        if (!text.StartsWith('"'))
        {
            var dot = text.IndexOf('.', StringComparison.Ordinal);
            return dot == 0 || text.Length == 0 ? null : dot < 0 ? (text, "") : (text[..dot], text[dot..]);
        }

        for (var end = 1; end < text.Length; end++)
        {
            if (text[end] == '"' && ++end is var next && (next == text.Length || text[next] != '"'))
            {
                return next > 2 && (next == text.Length || text[next] == '.') ? (text[1..(next - 1)].Replace("\"\"", "\"", StringComparison.Ordinal), text[next..]) : null;
            }
        }

        return null;
    }

    private static StreamingException Invalid(string text) => new(
        ErrorIds.NothingToCompare,
        StreamingErrorKind.InvalidInput,
        $"\"{text}\" is neither a schema nor a table.",
        "Write schema.table, or the schema alone; put names with dots in double quotes.",
        text);

    /// <inheritdoc/>
    public override string ToString() => Table is null ? $"schema \"{Schema}\"" : $"\"{Schema}.{Table}\"";
}

/// <summary>The tables that are compared with each other.</summary>
/// <param name="Own">The schema of the tables.</param>
/// <param name="Against">The schema that they are compared with.</param>
/// <param name="Tables">The tables, each with its counterpart.</param>
internal sealed record LikenessPairs(LiveSchema Own, LiveSchema Against, IReadOnlyList<(LiveTable Own, LiveTable Against)> Tables)
{
    /// <summary>Reads both schemas and finds the tables.</summary>
    /// <exception cref="StreamingException">A schema or a table is not there, or there is nothing to compare.</exception>
    public static async Task<LikenessPairs> ReadAsync(
        ReadOnlySession session, DatabaseConnection connection, LikenessTarget target, IReadOnlyList<string> tables, CancellationToken cancellationToken)
    {
        var own = await session.RunAsync(open => CatalogReader.ReadAllAsync(open, connection.Schema, cancellationToken)).ConfigureAwait(false);
        var against = await session.RunAsync(open => CatalogReader.ReadAllAsync(open, target.Schema, cancellationToken)).ConfigureAwait(false);
        Require(own, connection.Schema, connection);
        Require(against, target.Schema, connection);
        if (target.Table is { } single)
        {
            var name = tables.Count == 0 ? single : tables.Count == 1 ? tables[0] : throw new StreamingException(
                ErrorIds.NothingToCompare, StreamingErrorKind.InvalidInput, $"{tables.Count} tables cannot be compared with {target}.", "Give one table, or a schema to compare with.", target.ToString());
            return target.Schema == connection.Schema && name == single
                ? throw Nothing(connection, target, "that is the same table")
                : new LikenessPairs(own, against, [(Find(own, connection.Schema, name, connection), Find(against, target.Schema, single, connection))]);
        }

        if (target.Schema == connection.Schema)
        {
            throw Nothing(connection, target, "that is the same schema");
        }

        var pairs = tables.Count > 0
            ? tables.Select(name => (Find(own, connection.Schema, name, connection), Find(against, target.Schema, name, connection))).ToList()
            : own.Tables.Values.Where(table => table.IsTable && table.Name != LedgerTable.Name && against.Tables.ContainsKey(table.Name))
                .Select(table => (table, against.Tables[table.Name])).ToList();
        return pairs.Count > 0 ? new LikenessPairs(own, against, pairs) : throw Nothing(connection, target, "no table has the same name in both");
    }

    /// <summary>The error for what cannot be compared.</summary>
    public static StreamingException Nothing(DatabaseConnection connection, LikenessTarget target, string reason) => new(
        ErrorIds.NothingToCompare,
        StreamingErrorKind.InvalidInput,
        $"Schema \"{connection.Schema}\" cannot be compared with {target}: {reason}.",
        "Use -Schema (--schema) for the generated tables and -Against (--against) for the real ones.",
        target.ToString());

    private static void Require(LiveSchema schema, string name, DatabaseConnection connection)
    {
        if (!schema.Exists)
        {
            throw new StreamingException(
                ErrorIds.SchemaNotFound, StreamingErrorKind.NotFound, $"Schema \"{name}\" does not exist in {connection}.", "Check the name; case counts.", name);
        }
    }

    private static LiveTable Find(LiveSchema schema, string name, string table, DatabaseConnection connection) => schema.Tables.GetValueOrDefault(table)
        ?? throw MissingTable.Error(connection, name, table, MetadataError.Suggest(table, [.. schema.Tables.Keys]));
}
