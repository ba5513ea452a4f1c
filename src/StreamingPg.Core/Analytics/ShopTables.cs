using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Analytics;

/// <summary>The tables and columns that the reports about the shop know by name.</summary>
internal static class ShopTables
{
    public const string Users = DefaultTables.Users;
    public const string Transactions = DefaultTables.Transactions;
    public const string Details = DefaultTables.Details;

    /// <summary>Rejects a model that lacks a table or column of the built-in one, or has it with another type.</summary>
    /// <param name="model">The model.</param>
    /// <param name="report">What needs them, such as <c>user activity</c>.</param>
    /// <param name="tables">The tables with the columns that are read.</param>
    public static void Require(StreamModel model, string report, params (string Table, string[] Columns)[] tables)
    {
        if (Missing(model, tables) is { } first)
        {
            throw new StreamingException(
                ErrorIds.NotAShop,
                StreamingErrorKind.InvalidInput,
                $"The report on {report} needs the built-in tables, but this model has no {first}.",
                "For any model, use Get-StreamingRelationship (streamingpg relations) or "
                + "Get-StreamingGrowth (streamingpg growth).",
                first);
        }
    }

    /// <summary>The first column that a model lacks or has with another type; null when it has them all.</summary>
    public static string? Missing(StreamModel model, params (string Table, string[] Columns)[] tables) =>
        (from table in tables
         from column in table.Columns
         let wanted = MetadataReader.Default.Table(table.Table).Column(column)
         let found = model.Find(table.Table)?.Columns.FirstOrDefault(candidate => candidate.Name == column)
         where found?.Type.Kind != wanted.Type.Kind
         select $"{table.Table}.{column} {wanted.Type.ToSql()}").FirstOrDefault();
}
