using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Discovery;

/// <summary>
/// Whether the rows that are there agree where a table refers to an ancestor straight and through another parent. The keys alone only
/// let us suppose so, and no constraint demands it: rows that say otherwise show that it is no rule of the schema.
/// </summary>
internal static class AgreementReader
{
    /// <summary>As many rows of a table show whether there is such a rule; all of them could take any time.</summary>
    private const int Rows = 10_000;

    private const string Before = "before_agreements";

    /// <summary>Says so at the foreign keys of the tables.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">The schema.</param>
    /// <param name="selection">Its tables that are described.</param>
    /// <param name="model">The same tables as metadata.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <returns>The tables whose rows could not be read, and why.</returns>
    public static async Task<IReadOnlyList<DiscoveryNote>> ReadAsync(
        NpgsqlConnection open, string schema, TableSelection selection, StreamModel model, CancellationToken cancellationToken)
    {
        var notes = new List<DiscoveryNote>();
        var live = selection.Tables.ToDictionary(table => table.Name, StringComparer.Ordinal);
        var shared = model.Tables.ToDictionary(table => table.Name, table => SharedAncestor.Of(model, table), StringComparer.Ordinal);
        var sizes = await TableSample.EstimateAsync(
            open, schema, shared.Where(table => table.Value.Count > 0).Select(table => table.Key), cancellationToken).ConfigureAwait(false);
        foreach (var (table, agreements) in shared.Where(table => table.Value.Count > 0))
        {
            var size = sizes.GetValueOrDefault(table);
            var differs = new bool[agreements.Count];
            try
            {
                if (size.Pages > 0)
                {
                    await ReadAsync(open, schema, table, agreements, live, size, differs, cancellationToken).ConfigureAwait(false);
                }
            }
            catch (PostgresException error) when (error.SqlState[..2] is not ("57" or "25" or "53"))
            {
                // A policy, or a function of an index, may keep anybody from reading the table.
                await ExecuteAsync(open, $"ROLLBACK TO SAVEPOINT {Before}", cancellationToken).ConfigureAwait(false);
                notes.Add(new DiscoveryNote(
                    table, agreements[0].Columns[0], $"whether its rows refer to the same parents by all ways could not be read: {error.MessageText}.", ""));
            }

            Set(live[table].ForeignKeys, agreements, differs);
        }

        return notes;
    }

    private static async Task ReadAsync(
        NpgsqlConnection open,
        string schema,
        string table,
        IReadOnlyList<SharedAncestor> agreements,
        Dictionary<string, LiveTable> live,
        TableSize size,
        bool[] differs,
        CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Add($"SAVEPOINT {Before}");
        for (var index = 0; index < agreements.Count; index++)
        {
            var (shared, place) = (agreements[index], index);
            commands.Query(
                $"""
                SELECT EXISTS (
                    SELECT FROM (SELECT s.* FROM {TableSample.Sql(Identifier.Quote(schema, table), "s", size, Rows)} LIMIT {Rows}) AS c
                    JOIN {Identifier.Quote(schema, shared.Via.ParentTable)} AS p ON {live[table].RefersSql(shared.Via, "c", live[shared.Via.ParentTable], "p")}
                    WHERE {AgreementSql.Differs(schema, table, shared, live)})
                """,
                row => differs[place] = row.GetBoolean(0));
        }

        commands.Add($"RELEASE SAVEPOINT {Before}");
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Set(List<LiveForeignKey> keys, IReadOnlyList<SharedAncestor> agreements, bool[] differs)
    {
        foreach (var straight in agreements.Select(shared => shared.Straight).Distinct())
        {
            var isKnownOtherwise = agreements.Zip(differs).Any(pair => pair.First.Straight == straight && pair.Second);
            var index = keys.FindIndex(key => key.ParentTable == straight.ParentTable
                && key.Columns.Zip(key.ParentColumns).Order().SequenceEqual(straight.Columns.Zip(straight.ParentColumns).Order()));
            if (index >= 0)
            {
                keys[index] = keys[index] with { Agreement = isKnownOtherwise ? ParentAgreement.None : ParentAgreement.Usual };
            }
        }
    }

    private static async Task ExecuteAsync(NpgsqlConnection open, string sql, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Add(sql);
        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }
}
