using StreamingPg.Core.Connections;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>
/// Verifies what the server cannot, before an import is committed: foreign keys to partitioned tables, and keys that the server has with
/// another column only. Tables of one plain table each cost nothing here.
/// </summary>
/// <param name="session">The session of the import.</param>
/// <param name="model">The tables, stored as they are.</param>
internal sealed class ImportVerification(Session session, StreamModel model)
{
    // Rows of this transaction and its savepoints, and of a few others that began after it.
    private const string OfThisTransaction = "age(c.xmin) <= age(pg_current_xact_id()::xid)";

    /// <summary>Verifies the rows of some tables.</summary>
    /// <exception cref="StreamingException">A row refers to nothing, or its key is there twice; the import must not be committed.</exception>
    public async Task RunAsync(IEnumerable<string> tables, CancellationToken cancellationToken)
    {
        if (!model.HasLayouts)
        {
            return;
        }

        foreach (var table in model.Tables.IntersectBy(tables, table => table.Name))
        {
            var widened = StoredKeys.Widened(table).ToList();
            if (widened.Count > 0)
            {
                // Until the commit: what another import or batch committed before counts, and the next one sees what this one adds.
                var locks = session.NewCommands();
                AdvisoryLock.Take(locks, AdvisoryLock.UniqueValues, session.Quote(table.Name));
                await locks.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            foreach (var key in table.ForeignKeys.Where(key => StoredKeys.IsUnenforced(model, table, key)).Select(key => StoredKeys.Join(model, table, key)))
            {
                await VerifyAsync(table, key, cancellationToken).ConfigureAwait(false);
            }

            foreach (var columns in widened)
            {
                await VerifyAsync(table, columns, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private async Task VerifyAsync(TableModel table, ForeignKeyModel key, CancellationToken cancellationToken)
    {
        var (child, parent) = (session.Quote(table.Name), session.Quote(key.ParentTable));
        var same = string.Join(" AND ", key.Columns.Zip(key.ParentColumns, (own, theirs) => $"c.{Identifier.Quote(own)} = p.{Identifier.Quote(theirs)}"));
        var refers = string.Join(" AND ", key.Columns.Select(column => $"c.{Identifier.Quote(column)} IS NOT NULL"));

        // Locked first: no trigger keeps anybody from deleting the parents until the import is committed. Citus locks no rows of several shards, and
        // has no xmin of theirs.
        var isNew = table.Layout.Distribution is null ? OfThisTransaction : "true";
        if (model.Table(key.ParentTable).Layout.Distribution is null)
        {
            await session.QueryAsync(
                $"SELECT count(*) FROM (SELECT FROM {parent} AS p WHERE EXISTS (SELECT FROM {child} AS c WHERE {isNew} AND {same}) FOR KEY SHARE OF p) AS locked",
                _ => { },
                cancellationToken).ConfigureAwait(false);
        }

        await session.QueryAsync(
            $"""
            SELECT concat_ws(', ', {string.Join(", ", key.Columns.Select(column => $"c.{Identifier.Quote(column)}"))}) FROM {child} AS c
            WHERE {isNew} AND {refers} AND NOT EXISTS (SELECT FROM {parent} AS p WHERE {same}) LIMIT 1
            """,
            row => throw new StreamingException(
                ErrorIds.ForeignKeyViolation,
                StreamingErrorKind.ConstraintViolated,
                $"Rows of \"{table.Name}\" refer by ({string.Join(", ", key.Columns)}) to no row of \"{key.ParentTable}\": {row.GetString(0)}. Nothing was imported.",
                $"Import the rows of \"{key.ParentTable}\" first. It is {model.Table(key.ParentTable).Layout.Describe()}, so the server does not tell which rows are at fault.",
                table.Name),
            cancellationToken).ConfigureAwait(false);
    }

    private async Task VerifyAsync(TableModel table, IReadOnlyList<string> columns, CancellationToken cancellationToken)
    {
        var (name, keys) = (session.Quote(table.Name), Identifier.QuoteList(columns));

        // All rows where the transaction's own cannot be told from others.
        var which = table.Layout.Distribution is null
            ? $"({keys}) IN (SELECT {keys} FROM {name} AS c WHERE {OfThisTransaction})"
            : string.Join(" AND ", columns.Select(column => $"{Identifier.Quote(column)} IS NOT NULL"));
        var others = string.Join(" or ", table.Layout.KeyColumns.Except(columns).Select(column => $"\"{column}\""));
        await session.QueryAsync(
            $"""
            SELECT concat_ws(', ', {keys}) FROM {name} AS t WHERE {which}
            GROUP BY {keys} HAVING count(*) > 1 LIMIT 1
            """,
            row => throw new StreamingException(
                ErrorIds.UniqueViolation,
                StreamingErrorKind.ConstraintViolated,
                $"The key ({string.Join(", ", columns)}) = ({row.GetString(0)}) is in \"{table.Name}\" already, with another {others}. Nothing was imported.",
                $"Remove the row from the input, or give it the {others} that the existing row has.",
                table.Name),
            cancellationToken).ConfigureAwait(false);
    }
}
