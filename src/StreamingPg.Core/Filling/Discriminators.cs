using StreamingPg.Core.Checks;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Columns that say what kind of thing a row is: a table that refers to such a column, and whose CHECK lets only one of its values pass, is
/// about the things of that kind. Rows of all kinds that such tables ask for must be there.
/// </summary>
internal static class Discriminators
{
    /// <summary>The model, texts that CHECKs of referring tables compare with constants narrowed to those.</summary>
    public static StreamModel Apply(StreamModel model)
    {
        var wanted =
            from table in model.Tables
            from check in table.Checks
            from rule in CheckReader.Read(check.Expression).Rules
            where rule.Kind == CheckRuleKind.OneOf
            from key in table.ForeignKeys
            where key.Columns.Contains(rule.Column)
            let parent = (Table: key.ParentTable, Column: key.ParentColumns[key.Columns.ToList().IndexOf(rule.Column)])
            where parent.Table != table.Name
            group rule.Operands by parent;
        foreach (var values in wanted.ToList())
        {
            var parent = model.Table(values.Key.Table);
            var column = parent.Column(values.Key.Column);
            if (column is { Type.IsText: true, Values: null, Generator: null, Pattern: null, HasRule: false, IsLeftToServer: false } && !parent.Refers(column.Name) && !parent.IsUniqueAlone(column))
            {
                model = model.With(parent.With(column with { Values = [.. values.SelectMany(value => value).Distinct().Select(value => new WeightedValue(value, 1))] }));
            }
        }

        return model;
    }
}
