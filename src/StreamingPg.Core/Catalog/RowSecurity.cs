using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>A table of which row-level security shows the role of a session only some rows.</summary>
/// <param name="Table">Name of the table.</param>
/// <param name="IsOwner">True when the role owns it: then row-level security was forced on owners too.</param>
/// <param name="MayRead">True when a policy shows the role rows.</param>
/// <param name="MayAdd">True when a policy lets the role add rows.</param>
internal sealed record RowSecurity(string Table, bool IsOwner, bool MayRead, bool MayAdd)
{
    // The server knows best for whom it holds: neither for superusers and roles with BYPASSRLS, nor for owners unless forced.
    private const string Sql =
        """
        SELECT c.relname::text, pg_has_role(c.relowner, 'USAGE'),
               coalesce(bool_or(p.polcmd IN ('*', 'r')), false), coalesce(bool_or(p.polcmd IN ('*', 'a')), false)
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_policy p ON p.polrelid = c.oid AND p.polpermissive
            AND EXISTS (SELECT FROM unnest(p.polroles) AS of (role) WHERE of.role = 0 OR pg_has_role(of.role, 'USAGE'))
        WHERE n.nspname = $1 AND c.relname = ANY ($2) AND c.relkind IN ('r', 'p') AND row_security_active(c.oid)
        GROUP BY c.oid, c.relname, c.relowner ORDER BY array_position($2, c.relname::text)
        """;

    /// <summary>Refuses what needs all rows of some tables.</summary>
    /// <param name="open">The connection.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="tables">The tables.</param>
    /// <param name="outcome">What was not done, a sentence.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The role sees only some rows of one.</exception>
    public static async Task RefuseAsync(NpgsqlConnection open, string schema, string[] tables, string outcome, CancellationToken cancellationToken)
    {
        var hidden = await ReadAsync(open, schema, tables, cancellationToken).ConfigureAwait(false);
        if (hidden.Count > 0)
        {
            throw new StreamingException(
                ErrorIds.RowsHidden,
                StreamingErrorKind.PermissionDenied,
                $"Row-level security shows this role only some rows of {string.Join(", ", hidden.Select(table => $"\"{table.Table}\""))}. {outcome}",
                "Use the owner of the tables, or a role with BYPASSRLS.",
                hidden[0].Table);
        }
    }

    /// <summary>Those of some tables that it holds for.</summary>
    public static async Task<IReadOnlyList<RowSecurity>> ReadAsync(
        NpgsqlConnection open, string schema, string[] tables, CancellationToken cancellationToken)
    {
        var found = new List<RowSecurity>();
        var commands = new CommandBatch(open);
        commands.Query(
            Sql,
            row => found.Add(new RowSecurity(row.GetString(0), row.GetBoolean(1), row.GetBoolean(2), row.GetBoolean(3))),
            Parameter.Of(schema),
            Parameter.Of(tables));
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
        return found;
    }
}
