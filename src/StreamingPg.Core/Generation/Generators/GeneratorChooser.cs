using System.Collections.Immutable;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Chooses the generator of a column: what metadata says, else what its keys, its name and its type suggest.</summary>
internal static class GeneratorChooser
{
    // What was chosen for a table's columns, each found when it is first asked for: not every column has a generator.
    private static readonly OncePerTable<GeneratorChoice?[]> Own = new(table => new GeneratorChoice?[table.Columns.Count]);

    /// <summary>The choice for a column, and the reason.</summary>
    public static GeneratorChoice Choose(StreamModel model, TableModel table, ColumnModel column) =>
        FromServer(column) ?? FromParent(model, table, column) ?? ChooseOwn(table, column);

    /// <summary>The choice for a column whose values neither the server nor a parent gives.</summary>
    public static GeneratorChoice ChooseOwn(TableModel table, ColumnModel column)
    {
        var index = table.IndexOf(column.Name);
        if (index < 0 || !ReferenceEquals(table.Columns[index], column))
        {
            // Made up, such as that of the elements of an array.
            return FindOwn(table, column);
        }

        return Own.Of(table)[index] ??= FindOwn(table, column);
    }

    private static GeneratorChoice FindOwn(TableModel table, ColumnModel column) =>
        FromServer(column) ?? Declared(table, column) ?? Inferred(table, column);

    private static GeneratorChoice? FromServer(ColumnModel column) => column switch
    {
        { IsAutoIncrement: true } => new GeneratorChoice("sequence", GeneratorOrigin.Server, "the values come from the column's sequence"),
        { Expression: not null } => new GeneratorChoice("default", GeneratorOrigin.Server, "the server computes it"),
        { IsLeftToServer: true } => new GeneratorChoice("default", GeneratorOrigin.Server, "the metadata uses the server's default"),
        _ => null,
    };

    private static GeneratorChoice? FromParent(StreamModel model, TableModel table, ColumnModel column)
    {
        if (column.EqualsParent is { } parent)
        {
            return new GeneratorChoice("equals_parent", GeneratorOrigin.Parent, $"the metadata says that it equals {parent}");
        }

        var shared = SharedAncestor.Of(model, table).FirstOrDefault(shared => shared.Columns.Contains(column.Name));
        if (shared is not null)
        {
            return new GeneratorChoice(
                "foreign_key", GeneratorOrigin.Parent, $"its parent in {shared.Via.ParentTable} refers to the same row of {shared.Straight.ParentTable}");
        }

        return table.ForeignKeys.FirstOrDefault(key => key.Columns.Contains(column.Name)) is { } key
            ? new GeneratorChoice("foreign_key", GeneratorOrigin.Parent, $"it refers to {key.ParentTable}")
            : null;
    }

    private static GeneratorChoice? Declared(TableModel table, ColumnModel column) => column switch
    {
        { When.Count: > 0 } => new GeneratorChoice("when", GeneratorOrigin.Declared, "the metadata has conditions for it"),
        { Rule: OwnGeneratorRule own } => new GeneratorChoice(own.Generator.Name, GeneratorOrigin.Declared, "it is a generator of your own"),
        { Rule: ExpressionRule { IsFromCheck: true } check } => new GeneratorChoice("expression", GeneratorOrigin.Declared, $"a CHECK demands that it is {check.Text}"),
        { Rule: { } rule } => new GeneratorChoice(rule.Property, GeneratorOrigin.Declared, $"the metadata says so by \"{rule.Property}\""),
        { Generator: { } generator } => GeneratorChoice.Of(generator),
        { IsListedByCheck: true } when MakesListed(table, column) => null,
        { Values: { } values, IsListedByCheck: true } => new GeneratorChoice("values", GeneratorOrigin.Declared, $"a CHECK lists {values.Count} values"),
        { Values: { } values } => new GeneratorChoice("values", GeneratorOrigin.Declared, $"metadata lists {values.Count} values"),
        { CheckedBy: not null, IsPrimaryKey: false } when NameRules.Find(table, column) is not null => null, // what the name suggests may match
        { CheckedBy: { } regex } => new GeneratorChoice("pattern", GeneratorOrigin.Declared, $"a CHECK demands {regex}"),
        { Pattern: { } pattern } => new GeneratorChoice("pattern", GeneratorOrigin.Declared, $"the metadata has the pattern {pattern}"),
        { After: { } after } => OfRule("after", after.IsInferred, $"it follows {(after.Table is null ? "" : after.Table + ".")}{after.Column}"),
        { SumOf: { } sum } => OfRule("sum_of", sum.IsInferred, $"it is the sum over {sum.Table}"),
        _ => null,
    };

    private static GeneratorChoice OfRule(string kind, bool isInferred, string rule) => isInferred
        ? new(kind, GeneratorOrigin.Inferred, $"the names of its table and of the other one suggest that {rule}")
        : new(kind, GeneratorOrigin.Declared, $"the metadata says that {rule}");

    /// <summary>True when the name of a column suggests a generator that makes all texts that a CHECK lists.</summary>
    private static bool MakesListed(TableModel table, ColumnModel column) =>
        NameRules.Find(table, column) is { } rule && column.Values!.All(value => GeneratorRegistry.Of(rule.Kind).Texts.Contains(value.Value));

    private static string Source(ColumnModel column) => column.IsBoundByChecks ? "a CHECK" : "the metadata";

    private static bool IsId(string name) => name.Equals("id", StringComparison.OrdinalIgnoreCase)
        || name.EndsWith("_id", StringComparison.OrdinalIgnoreCase) || name.EndsWith("uid", StringComparison.OrdinalIgnoreCase);

    private static GeneratorChoice Inferred(TableModel table, ColumnModel column)
    {
        if (GeneratorRegistry.FamilyOf(column.Type) == GeneratorFamily.Uuid)
        {
            return column.IsPrimaryKey
                ? new GeneratorChoice("uuid.v7", GeneratorOrigin.Key, "it is the primary key: keys in time order keep its index fast")
                : new GeneratorChoice("uuid.v7", GeneratorOrigin.Inferred, "the type is UUID");
        }

        if (column is { Minimum: null, Maximum: null, Type: { Kind: ColumnKind.Text or ColumnKind.VarChar, Length: null or >= UuidTextColumn.Length } }
            && column.IsPrimaryKey && table.IsUniqueAlone(column) && IsId(column.Name))
        {
            return new GeneratorChoice("text.uuid", GeneratorOrigin.Key, $"it is the primary key, and \"{column.Name}\" has room for UUIDs");
        }

        // A generator of a name makes no text that is longer than it may be, but it may well make one that is too short: those are made
        // otherwise where a CHECK demands the length.
        var suggested = NameRules.Find(table, column);
        if (column.Type.IsText && (column.Distribution is not null || (column.Minimum is decimal and > 1 && !(column.IsBoundByChecks && suggested is not null))
            || (column.Maximum is not null && suggested is null)))
        {
            return new GeneratorChoice("length", GeneratorOrigin.Declared, $"{Source(column)} sets the length of the text");
        }

        if (suggested is { } rule)
        {
            var limit = column.CheckedBy is { } regex ? $"; texts that do not match {regex}, as a CHECK demands, come from a pattern"
                : column.IsListedByCheck ? "; texts that a CHECK does not list are replaced"
                : column is { IsBoundByChecks: true, Type.IsText: true, Minimum: decimal and > 1 } ? $"; shorter texts than {column.Minimum} characters, as a CHECK demands, are replaced"
                : "";
            return new GeneratorChoice(rule.Kind, GeneratorOrigin.Inferred, $"the name \"{rule.Name}\" and the type {column.Type.ToSql()} suggest it{limit}")
            {
                Arguments = rule.Kind == "boolean" ? NameRules.TruthOf(rule.Name) : ImmutableDictionary<string, object>.Empty,
            };
        }

        var isBounded = column.Type.Kind != ColumnKind.Bytea && (column.Minimum is not null || column.Maximum is not null || column.Distribution is not null);
        var kind = GeneratorRegistry.FamilyOf(column.Type) switch
        {
            GeneratorFamily.Number => "number",
            GeneratorFamily.Time => "time.event",
            GeneratorFamily.Text => "lorem.word",
            GeneratorFamily.Boolean => "boolean",
            _ => isBounded ? "range" : "any",
        };
        if (kind == "lorem.word" && table.IsUniqueAlone(column))
        {
            return new GeneratorChoice("text.code", GeneratorOrigin.Inferred, "it is unique, and there are too few words");
        }

        if (kind == "number" && column is { Maximum: null, Distribution: null, Type.IsWhole: true } && table.IsUniqueAlone(column))
        {
            return new GeneratorChoice(kind, GeneratorOrigin.Key, "it is unique: numbers continue after the highest existing one");
        }

        return isBounded
            ? new GeneratorChoice(kind, GeneratorOrigin.Declared, $"{Source(column)} bounds the values")
            : new GeneratorChoice(kind, GeneratorOrigin.Inferred, $"the type is {column.Type.ToSql()}, and the name suggests no generator");
    }
}

/// <summary>The generator that was chosen for a column, and why.</summary>
/// <param name="Kind">Its name; or the property of metadata that says where the values come from.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Reason">Why, a clause.</param>
internal sealed record GeneratorChoice(string Kind, GeneratorOrigin Origin, string Reason)
{
    /// <summary>Arguments of the generator.</summary>
    public IReadOnlyDictionary<string, object> Arguments { get; init; } = new Dictionary<string, object>();

    /// <summary>The choice that metadata makes by naming a generator.</summary>
    public static GeneratorChoice Of(GeneratorModel generator) =>
        new(generator.Kind, GeneratorOrigin.Declared, "the metadata names the generator") { Arguments = generator.Arguments };
}
