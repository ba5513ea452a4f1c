namespace StreamingPg.Core.Loading.Import;

/// <summary>What a user asks of an import.</summary>
internal sealed record ImportOptions
{
    /// <summary>What happens to rows that cannot be loaded.</summary>
    public ImportErrorAction OnError { get; init; }

    /// <summary>Full path of the file that gets the rows that cannot be loaded; needed to reject them. It must not be there yet.</summary>
    public string? RejectPath { get; init; }

    /// <summary>What happens to rows whose primary key is there.</summary>
    public ConflictAction OnConflict { get; init; }

    /// <summary>Refuses what cannot be done, before anything touches the database.</summary>
    /// <exception cref="StreamingException">The options contradict each other.</exception>
    public void Check()
    {
        if (OnError == ImportErrorAction.Reject && RejectPath is null)
        {
            throw Invalid("Rows are to be rejected, and nothing says which file they go to.", "Name it with RejectPath.");
        }

        if (OnError == ImportErrorAction.Stop && RejectPath is not null)
        {
            throw Invalid("There is a file for rejected rows, and no row is to be rejected.", "Ask for OnError Reject, or leave RejectPath out.");
        }
    }

    private static StreamingException Invalid(string problem, string remedy) =>
        new("ImportOptionInvalid", StreamingErrorKind.InvalidInput, problem, remedy);
}
