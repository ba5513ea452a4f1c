using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Retention;

/// <summary>The reference tables of Citus whose rows cannot be removed.</summary>
internal static class ReferenceTables
{
    /// <summary>Refuses tables of which every server has all rows, where each server has only some of the rows that refer to them.</summary>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="model">The tables, stored as they are.</param>
    /// <param name="selection">Which rows are to go.</param>
    /// <param name="referring">The foreign keys that refer to the tables.</param>
    /// <exception cref="StreamingException">Citus would refuse to look for rows that nobody refers to.</exception>
    public static void RefuseHalfKnown(string schema, StreamModel model, IRemovalSelection selection, ILookup<string, LiveForeignKey> referring)
    {
        foreach (var table in model.Tables.Where(table => table.Layout.Distribution is { Column: null } && selection.Selects(table)))
        {
            if (referring[table.Name].FirstOrDefault(key => key.Schema == schema && model.Find(key.Table)?.Layout.Distribution?.Column is not null) is { } key)
            {
                throw new StreamingException(
                    ErrorIds.LayoutNotPossible,
                    StreamingErrorKind.InvalidInput,
                    $"Rows of \"{table.Name}\" cannot be removed: it is a reference table, and \"{key.Table}\", which refers to it, is distributed. Citus cannot look for rows to which no "
                    + "row of a distributed table refers. Nothing was removed.",
                    $"Name the other tables (-Table, --table), or distribute \"{table.Name}\" with \"{key.Table}\" when the tables are made: \"distribution\" in metadata.json.",
                    table.Name);
            }
        }
    }
}
