using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Rejects rules that cannot be kept: names that lead nowhere, types that do not fit, columns that follow themselves.</summary>
internal static class RuleCheck
{
    /// <summary>Checks the rules of a table.</summary>
    /// <exception cref="StreamingException">A rule cannot be kept.</exception>
    public static void Check(StreamModel model, TableModel table, string source)
    {
        if (!table.Columns.Any(column => column.HasRule))
        {
            return;
        }

        var follows = new Dictionary<string, IReadOnlyCollection<string>>(StringComparer.Ordinal);
        foreach (var column in table.Columns)
        {
            var scope = new RuleScope(model, table);
            var place = new MetadataPlace(source, $"{table.Name}.{column.Name}");
            CheckKeys(table, column, place);
            Check(scope, column, place);
            if (column.Rule is TemplateRule or ExpressionRule && column.When.Count == 0 && table.IsUniqueAlone(column) && !scope.UsesSequence)
            {
                throw place.Error(
                    $"its values must be unique, but \"{column.Rule.Property}\" may make the same twice", $"Use {RuleScope.Sequence}, the number of the row, in it.");
            }

            follows[column.Name] = column.After is { Table: null } after ? [.. scope.Used, after.Column] : scope.Used;
        }

        foreach (var name in table.Columns.Where(column => column.HasRule).Select(column => column.Name))
        {
            CheckCycle(follows, [name], new MetadataPlace(source, $"{table.Name}.{name}"));
        }
    }

    private static void CheckKeys(TableModel table, ColumnModel column, MetadataPlace place)
    {
        if (column.HasRule && table.ForeignKeys.FirstOrDefault(key => key.Columns.Contains(column.Name)) is { } key)
        {
            throw place.Error(
                $"the values come from its parent in \"{key.ParentTable}\", but \"{column.Rule?.Property ?? RuleParser.When}\" defines others", "Remove one of them.");
        }
    }

    private static void Check(RuleScope scope, ColumnModel column, MetadataPlace place)
    {
        foreach (var entry in column.When)
        {
            if (entry.Condition is { } condition)
            {
                Try(place, "if", condition, () => RuleCompiler.Condition(condition, scope));
            }

            if (entry.Source is { } source)
            {
                Check(scope, source, place);
            }
        }

        switch (column.Rule)
        {
            case ExpressionRule { Text: var text }:
                Try(place, "expression", text, () => Require(column, RuleCompiler.Compile(text, scope).Type));
                break;
            case TemplateRule { Text: var text }:
                Try(place, "template", text, () =>
                {
                    Require(column, TemplateText.Compile(text, scope).Type);
                    RequireLength(column, TemplateText.LengthOf(text));
                });
                break;
            case ObjectRule json:
                foreach (var property in json.Properties)
                {
                    Check(scope, property, place.Of(property.Name));
                }

                break;
        }
    }

    private static void Require(ColumnModel column, RuleType type)
    {
        if (RuleTypes.WhyNotInto(column.Type, type) is { } reason)
        {
            throw new FormatException(reason);
        }
    }

    private static void RequireLength(ColumnModel column, int length)
    {
        if (column.Type is { IsText: true, Length: { } most } && length > most)
        {
            throw new FormatException($"its text alone has {length} characters, but the column takes only {most}");
        }
    }

    private static void Try(MetadataPlace place, string property, string text, Action compile)
    {
        try
        {
            compile();
        }
        catch (FormatException exception)
        {
            throw place.Error($"the \"{property}\" {text} cannot be used: {exception.Message}", "See \"Rules\" in docs/metadata.md.");
        }
    }

    private static void CheckCycle(Dictionary<string, IReadOnlyCollection<string>> follows, List<string> path, MetadataPlace place)
    {
        foreach (var next in follows[path[^1]])
        {
            if (path.Contains(next))
            {
                throw place.Error($"its values follow themselves: {string.Join(" -> ", path)} -> {next}", "Remove one of the references.");
            }

            CheckCycle(follows, [.. path, next], place);
        }
    }
}
