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
