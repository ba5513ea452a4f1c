using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>
/// Finds something out about a table once, however often it is requested: the generators of every chunk and every small batch are
/// wired again, while the tables stay the same.
/// </summary>
/// <typeparam name="T">What is found out.</typeparam>
/// <param name="find">Finds it out, from the table alone.</param>
internal sealed class OncePerTable<T>(Func<TableModel, T> find)
{
    private readonly ConditionalWeakTable<TableModel, StrongBox<T>> _found = [];

    /// <summary>What is known of a table; safe for several threads.</summary>
    public T Of(TableModel table) => _found.GetValue(table, key => new StrongBox<T>(find(key))).Value!;
}

/// <summary>Finds something out about a table and those around it once, see <see cref="OncePerTable{T}"/>.</summary>
/// <typeparam name="T">What is found out.</typeparam>
/// <param name="find">Finds it out, from the model alone.</param>
internal sealed class OncePerModel<T>(Func<StreamModel, TableModel, T> find)
{
    private readonly ConditionalWeakTable<StreamModel, ConcurrentDictionary<TableModel, T>> _found = [];

    /// <summary>What is known of a table of a model; safe for several threads.</summary>
    public T Of(StreamModel model, TableModel table) =>
        _found.GetValue(model, _ => new ConcurrentDictionary<TableModel, T>(ReferenceEqualityComparer.Instance)).GetOrAdd(table, static (key, known) => known.find(known.model, key), (find, model));
}
