using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Rights;

/// <summary>Completes the errors of a role that lacks rights: the server says what it refused, and not which rights the command needs.</summary>
internal static class RightsAdvice
{
    // Whoever stops the command ends the search as well.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>The error with the rights that the role lacks as its remedy; as it is when it is of another kind, or nothing is found.</summary>
    /// <param name="error">What a command ended with.</param>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables of the command.</param>
    /// <param name="purposes">What the command does, the usual first.</param>
    /// <param name="cancellationToken">Ends the search.</param>
    public static async Task<StreamingException> CompleteAsync(
        StreamingException error, DatabaseConnection connection, StreamModel model, IReadOnlyList<ConnectionPurpose> purposes, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(error);
        if (error.ErrorId != ErrorIds.PermissionDenied)
        {
            return error;
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, patience.Token).ConfigureAwait(false);
            foreach (var purpose in purposes)
            {
                var rights = await RightsReader.ReadAsync(session.Open, connection, model, [purpose], patience.Token).ConfigureAwait(false);
                IReadOnlyList<MissingRight> missing = rights.Missing.Count > 0
                    ? rights.Missing
                    : [.. rights.Optional.Where(right => right.Case != RightsTable.BySet && error.Problem.Contains(right.Object, StringComparison.Ordinal))];
                if (missing.Count > 0)
                {
                    return new StreamingException(
                        error.ErrorId, error.Kind, error.Problem, string.Join(' ', missing.Select(right => right.Text)), error.Target, error.InnerException)
                    {
                        SqlState = error.SqlState,
                    };
                }
            }

            return error;
        }
        catch (Exception exception) when (exception is NpgsqlException or StreamingException or OperationCanceledException or IOException or TimeoutException)
        {
            return error; // which still says where to look
        }
    }
}
