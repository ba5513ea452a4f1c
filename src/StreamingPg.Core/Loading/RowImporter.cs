using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Loads rows that come from outside, in one transaction and in constant memory: parents before children whatever order
/// the rows come in.
/// </summary>
public sealed class RowImporter : IAsyncDisposable
{
    /// <summary>Opens a connection and begins the transaction.</summary>
    public static Task<RowImporter> BeginAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Adds a row; blocks while the server is behind.</summary>
    /// <param name="table">Table of the model.</param>
    /// <param name="values">One value per column of the table, in the order of the model; null for no value. A sequence
    /// column without a value gets the next one.</param>
    /// <exception cref="StreamingException">A value does not fit its column (row number, column, value and reason are in the
    /// message), or the server refused; nothing of the import stays.</exception>
    public void Add(TableModel table, ReadOnlySpan<object?> values) => throw new NotImplementedException();

    /// <summary>Sends what is left, proves the rows and commits. One result per table that got rows.</summary>
    public Task<IReadOnlyList<ImportResult>> CompleteAsync(CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Rolls back unless <see cref="CompleteAsync"/> has committed.</summary>
    public ValueTask DisposeAsync() => throw new NotImplementedException();
}
