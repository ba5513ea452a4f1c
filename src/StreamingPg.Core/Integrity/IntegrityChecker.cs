using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Looks for rows that break referential integrity, uniqueness, sequences or business rules.</summary>
public static class IntegrityChecker
{
    /// <summary>Runs every check that fits the model; one result per check as soon as it is known.</summary>
    public static IAsyncEnumerable<IntegrityResult> CheckAsync(
        DatabaseConnection connection, StreamModel model, CancellationToken cancellationToken) =>
        throw new NotImplementedException();
}
