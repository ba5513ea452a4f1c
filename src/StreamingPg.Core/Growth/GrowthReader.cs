using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Growth;

/// <summary>Reads size and growth of the tables.</summary>
public static class GrowthReader
{
    /// <summary>One result per table of the model, in loading order.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="period">How far <see cref="TableGrowth.InPeriod"/> looks back.</param>
    /// <param name="estimate">True to take the planner's estimate instead of counting.</param>
    /// <param name="cancellationToken">Cancels the queries.</param>
    public static Task<IReadOnlyList<TableGrowth>> ReadAsync(
        DatabaseConnection connection, StreamModel model, TimeSpan period, bool estimate, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
