using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Whose a table is.</summary>
/// <param name="IsOwn">True when the role is its owner, or a member of it: it may attach partitions.</param>
/// <param name="GivesTo">The owner, where what the role creates for the table must be given to it, and can be; else null.</param>
internal sealed record TableOwner(bool IsOwn, string? GivesTo)
{
    // An owner must be able to create in the schema, and who gives must be able to become it.
    private const string Sql =
        """
        SELECT c.relname::text, pg_has_role(c.relowner, 'USAGE'),
               CASE WHEN pg_get_userbyid(c.relowner) <> current_user AND has_schema_privilege(c.relowner, n.oid, 'CREATE')
                         AND pg_has_role(c.relowner, CASE WHEN current_setting('server_version_num')::int >= 160000 THEN 'SET' ELSE 'MEMBER' END)
                    THEN pg_get_userbyid(c.relowner)::text END
        FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p')
        """;

    /// <summary>Reads the owners of tables, by name; those that are missing are not in it.</summary>
    public static async Task<IReadOnlyDictionary<string, TableOwner>> ReadAsync(
        NpgsqlConnection open, string schema, IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        var owners = new Dictionary<string, TableOwner>(StringComparer.Ordinal);
        var commands = new CommandBatch(open);
        commands.Query(
            Sql,
            row => owners[row.GetString(0)] = new TableOwner(row.GetBoolean(1), row.IsDBNull(2) ? null : row.GetString(2)),
            Parameter.Of(schema),
            Parameter.Of(tables.ToArray()));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return owners;
    }
}
