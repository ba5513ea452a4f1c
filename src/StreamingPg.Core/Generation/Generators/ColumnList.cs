using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Says for every column of a model where its values come from, and why.</summary>
internal static class ColumnList
{
    /// <summary>The columns, in the order of loading.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tables">The tables; empty means all.</param>
    /// <exception cref="StreamingException">The model has no such table.</exception>
    public static IReadOnlyList<StreamingColumn> Of(StreamModel model, IReadOnlyList<string> tables)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(tables);
        var unknown = tables.FirstOrDefault(name => model.Find(name) is null);
        if (unknown is not null)
        {
            throw new StreamingException(
                ErrorIds.TableUnknown,
                StreamingErrorKind.InvalidInput,
                $"Metadata has no table \"{unknown}\".",
                MetadataError.Suggest(unknown, [.. model.Tables.Select(table => table.Name)]),
                unknown);
        }

        return
        [
            .. from table in model.Tables
               where tables.Count == 0 || tables.Contains(table.Name)
               from column in table.Columns
               let choice = GeneratorChooser.Choose(model, table, column)
               select new StreamingColumn
               {
                   Table = table.Name,
                   Column = column.Name,
                   Type = column.Type.ToSql(),
                   Generator = choice.Kind,
                   Origin = choice.Origin,
                   Reason = choice.Reason,
               },
        ];
    }
}
