using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>The foreign keys that refer to the tables of a model: those of the server, and those of the model that it cannot enforce.</summary>
internal static class ReferringKeys
{
    /// <summary>Reads them; by the name of the parent.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables, stored as they are.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<ILookup<string, LiveForeignKey>> ReadAsync(
        NpgsqlConnection open, string schema, StreamModel model, CancellationToken cancellationToken)
    {
        var live = await CatalogReader.ReadReferringAsync(open, schema, model.Tables.Select(table => table.Name), cancellationToken).ConfigureAwait(false);
        return live.SelectMany(keys => keys).Concat(Unenforced(schema, model)).ToLookup(key => key.ParentTable, StringComparer.Ordinal);
    }

    private static IEnumerable<LiveForeignKey> Unenforced(string schema, StreamModel model) =>
        from table in model.Tables
        from key in table.ForeignKeys
        where StoredKeys.IsUnenforced(model, table, key)
        let stored = StoredKeys.Join(model, table, key)
        select new LiveForeignKey("", stored.Columns, schema, stored.ParentTable, stored.ParentColumns) { Schema = schema, Table = table.Name };
}
