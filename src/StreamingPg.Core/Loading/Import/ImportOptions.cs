using StreamingPg.Core.Model;

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

    /// <summary>True if all rows come for one table, so that they need not wait for those that they refer to.</summary>
    public bool IsOneTable { get; init; }

    /// <summary>Rejects invalid options before anything touches the database.</summary>
    /// <exception cref="StreamingException">The options contradict each other.</exception>
    public void Check()
    {
        if (OnError == ImportErrorAction.Reject && RejectPath is null)
        {
            throw Invalid("-OnError Reject needs -RejectPath (--on-error Reject needs --reject-path).", "Name the file for rejected rows.");
        }

        if (OnError == ImportErrorAction.Stop && RejectPath is not null)
        {
            throw Invalid("-RejectPath needs -OnError Reject (--reject-path needs --on-error Reject).", "Add -OnError Reject (--on-error Reject), or omit the file.");
        }
    }

    /// <summary>Rejects what the tables, as they are stored, do not allow.</summary>
    /// <exception cref="StreamingException">Rows of a distributed table are to be updated.</exception>
    public void CheckFor(StreamModel stored)
    {
        if (OnConflict == ConflictAction.Update && stored.Tables.FirstOrDefault(table => table.Layout.Distribution is not null) is { } table)
        {
            throw Invalid(
                $"-OnConflict Update (--on-conflict Update) works on no distributed table, as \"{table.Name}\" is: Citus does not say which rows were there.",
                "Use -OnConflict Skip (--on-conflict Skip).");
        }
    }

    private static StreamingException Invalid(string problem, string remedy) =>
        new(ErrorIds.ImportOptionInvalid, StreamingErrorKind.InvalidInput, problem, remedy);
}
