using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation;

/// <summary>Picks existing rows as parents without reading the whole table.</summary>
public static class ParentSampler
{
    /// <summary>Picks users that are in the database, as records.</summary>
    public static Task<IReadOnlyList<StreamingUser>> SampleUsersAsync(
        DatabaseConnection connection, StreamModel model, int count, GenerationOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>Picks transactions that are in the database, as records.</summary>
    public static Task<IReadOnlyList<StreamingTransaction>> SampleTransactionsAsync(
        DatabaseConnection connection, StreamModel model, int count, GenerationOptions options, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
