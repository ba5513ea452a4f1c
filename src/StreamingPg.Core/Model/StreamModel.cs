using StreamingPg.Core.Metadata;

namespace StreamingPg.Core.Model;

/// <summary>The tables that are generated, loaded, checked and pruned. Made by <see cref="MetadataReader"/>; always valid.</summary>
internal sealed class StreamModel
{
    private readonly Dictionary<string, TableModel> _byName;

    internal StreamModel(IReadOnlyList<TableModel> tablesInLoadOrder)
    {
        Tables = tablesInLoadOrder;
        _byName = tablesInLoadOrder.ToDictionary(table => table.Name, StringComparer.Ordinal);
        HasLayouts = tablesInLoadOrder.Any(table => table.Layout != TableLayout.Plain);
    }

    /// <summary>Tables in the order they load in: a parent always before its children, otherwise as in metadata.</summary>
    public IReadOnlyList<TableModel> Tables { get; }

    /// <summary>The enums and domains that the tables use, in the order they must be created in.</summary>
    public IReadOnlyList<UserTypeModel> UserTypes { get; internal init; } = [];

    /// <summary>How the rate of events varies over the week; null for evenly.</summary>
    public RhythmModel? Rhythm { get; internal init; }

    /// <summary>True when a table is stored otherwise than as one plain table.</summary>
    public bool HasLayouts { get; private init; }

    /// <summary>The model with a table instead of the one of its name.</summary>
    public StreamModel With(TableModel table) =>
        new([.. Tables.Select(own => own.Name == table.Name ? table : own)]) { UserTypes = UserTypes, Rhythm = Rhythm };

    /// <summary>The model with other tables of the same names, in the same order.</summary>
    public StreamModel With(Func<TableModel, TableModel> change) => new([.. Tables.Select(change)]) { UserTypes = UserTypes, Rhythm = Rhythm };

    /// <summary>The table of that name, or null.</summary>
    public TableModel? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The table of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public TableModel Table(string name) =>
        Find(name) ?? throw new ArgumentException($"The model has no table \"{name}\".", nameof(name));
}
