using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>The generators of the user's own: those that metadata may name, and those that replace what a column would get.</summary>
internal sealed class OwnGenerators
{
    private readonly Dictionary<string, IStreamingGenerator> _byName = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IStreamingGenerator> _byColumn = new(StringComparer.Ordinal);

    /// <summary>The same generators, to which others are added.</summary>
    public OwnGenerators Copy()
    {
        var copy = new OwnGenerators();
        foreach (var generator in _byName.Values)
        {
            copy.Add(generator);
        }

        return copy;
    }

    /// <summary>Those that metadata may name, in the order of their names.</summary>
    public IReadOnlyList<IStreamingGenerator> All => [.. _byName.Values.OrderBy(generator => generator.Name, StringComparer.Ordinal)];

    /// <summary>The one of a name, or null.</summary>
    public IStreamingGenerator? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>Adds one that metadata may name; a later one of the same name replaces it.</summary>
    /// <exception cref="StreamingException">It has no name, or that of a generator of StreamingPg.</exception>
    public void Add(IStreamingGenerator generator)
    {
        ArgumentNullException.ThrowIfNull(generator);
        _byName[generator.Name] = string.IsNullOrWhiteSpace(generator.Name) ? throw Error("", "it has no name", "Give it one, such as crm.reference.")
            : GeneratorRegistry.Find(generator.Name) is not null ? throw Error(generator.Name, "StreamingPg has a generator of this name", "Choose another name.")
            : generator;
    }

    /// <summary>Adds those of assemblies.</summary>
    /// <param name="paths">Full paths; null for none.</param>
    /// <exception cref="StreamingException">One cannot be loaded.</exception>
    public OwnGenerators AddFrom(IEnumerable<string>? paths)
    {
        foreach (var generator in (paths ?? []).SelectMany(GeneratorAssembly.Load))
        {
            Add(generator);
        }

        return this;
    }

    /// <summary>Adds one for a column, written as table.column.</summary>
    public void AddFor(string column, IStreamingGenerator generator) => _byColumn[column] = generator;

    /// <summary>The table, in which the names of own generators are replaced by the generators.</summary>
    public TableModel Resolve(TableModel table) => table.Columns.Any(column => Resolve(column) != column)
        ? table with { Columns = [.. table.Columns.Select(Resolve)] }
        : table;

    /// <summary>The model, in which columns have the generators that were given for them.</summary>
    /// <exception cref="StreamingException">A column is not there, or gets its values from elsewhere.</exception>
    public StreamModel Override(StreamModel model)
    {
        foreach (var (name, generator) in _byColumn)
        {
            var dot = name.IndexOf('.', StringComparison.Ordinal);
            var table = dot < 1 ? null : model.Find(name[..dot]);
            if (table is null || !table.HasColumn(name[(dot + 1)..]))
            {
                throw Error(name, "there is no such column", MetadataError.Suggest(name, [.. model.Tables.SelectMany(own => own.Columns.Select(column => $"{own.Name}.{column.Name}"))]));
            }

            var column = table.Column(name[(dot + 1)..]);
            model = WhyNot(table, column) is { } reason
                ? throw Error(name, reason, "Choose another column.")
                : model.With(table.With(Plain(column) with { Rule = new OwnGeneratorRule(generator, new Dictionary<string, object>()) }));
        }

        return model;
    }

    /// <summary>The generators of the user's own that a model uses.</summary>
    public static IEnumerable<IStreamingGenerator> UsedBy(StreamModel model) => model.Tables.SelectMany(table => table.Columns).SelectMany(UsedBy);

    private static IEnumerable<IStreamingGenerator> UsedBy(ColumnModel column) => column.When.Select(entry => entry.Source).OfType<ColumnModel>().SelectMany(UsedBy)
        .Concat(column.Rule switch
        {
            OwnGeneratorRule own => [own.Generator],
            ObjectRule json => json.Properties.SelectMany(UsedBy),
            _ => [],
        });

    private ColumnModel Resolve(ColumnModel column) => column switch
    {
        { Generator: { } generator } when _byName.TryGetValue(generator.Kind, out var own) => Resolve(
            column with { Generator = null, Rule = new OwnGeneratorRule(own, generator.Arguments) }),
        { When: { Count: > 0 } cases } when cases.Any(entry => entry.Source is { } source && Resolve(source) != source) => column with
        {
            When = [.. cases.Select(entry => entry with { Source = entry.Source is { } source ? Resolve(source) : null })],
        },
        { Rule: ObjectRule json } when json.Properties.Any(property => Resolve(property) != property) => column with
        {
            Rule = new ObjectRule([.. json.Properties.Select(Resolve)]),
        },
        _ => column,
    };

    private static string? WhyNot(TableModel table, ColumnModel column) => column switch
    {
        { IsAutoIncrement: true } => "its values come from a sequence",
        { IsLeftToServer: true } => "the server makes its values",
        _ when table.Refers(column.Name) => "its values come from a parent",
        _ => null,
    };

    private static ColumnModel Plain(ColumnModel column) => column with
    {
        Generator = null, Values = null, Minimum = null, Maximum = null, Distribution = null, Pattern = null, After = null, EqualsParent = null,
        SumOf = null, Rule = null, When = [], Tried = [],
    };

    private static StreamingException Error(string column, string reason, string remedy) => new(
        ErrorIds.GeneratorInvalid,
        StreamingErrorKind.InvalidInput,
        $"The generator \"{column}\" cannot be used: {reason}.",
        remedy,
        column);
}
