using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Filling;

/// <summary>Which schemas are filled, those that others refer to first.</summary>
internal static class FillSchemas
{
    // What an extension brought along is not the user's.
    private const string SchemasSql =
        """
        SELECT n.nspname::text, n.nspname = $1,
               EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind IN ('r', 'p') AND NOT EXISTS (
                   SELECT FROM pg_catalog.pg_depend d WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')),
               ARRAY(SELECT DISTINCT pn.nspname::text FROM pg_catalog.pg_constraint k
                     JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_class p ON p.oid = k.confrelid
                     JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
                     WHERE k.contype = 'f' AND c.relnamespace = n.oid AND p.relnamespace <> n.oid)
        FROM pg_catalog.pg_namespace n
        WHERE n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\_%'
        ORDER BY n.nspname
        """;

    /// <summary>The schemas of a database, or those that the connection names, separated by commas.</summary>
    /// <param name="connection">The database, and the schema or schemas.</param>
    /// <param name="all">True for all that have tables.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<IReadOnlyList<string>> FindAsync(DatabaseConnection connection, bool all, CancellationToken cancellationToken)
    {
        if (!all && !connection.Schema.Contains(',', StringComparison.Ordinal))
        {
            return [connection.Schema];
        }

        var parents = new Dictionary<string, string[]>(StringComparer.Ordinal);
        var withTables = new List<string>();
        var isOne = false;
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var commands = new CommandBatch(session.Open);
            commands.Query(SchemasSql, Read, Parameter.Of(connection.Schema));
            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Listing the schemas");
        }

        var requested = all ? withTables
            : isOne ? [connection.Schema]
            : [.. connection.Schema.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).Distinct()];
        return InOrder(requested, parents);

        void Read(NpgsqlDataReader row)
        {
            parents.Add(row.GetString(0), row.GetFieldValue<string[]>(3));
            isOne |= row.GetBoolean(1);
            if (row.GetBoolean(2))
            {
                withTables.Add(row.GetString(0));
            }
        }
    }

    /// <summary>Parents first; where schemas refer to each other, as they were named.</summary>
    private static List<string> InOrder(List<string> requested, Dictionary<string, string[]> parents)
    {
        var ordered = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        requested.ForEach(Add);
        return ordered;

        void Add(string schema)
        {
            if (seen.Add(schema))
            {
                foreach (var parent in parents.GetValueOrDefault(schema, []).Where(requested.Contains))
                {
                    Add(parent);
                }

                ordered.Add(schema);
            }
        }
    }
}
