using Npgsql;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.References;

/// <summary>What the proof of new rows found: per table a row with its count and the counts of what would be wrong.</summary>
internal sealed class VerificationFindings
{
    private readonly List<StreamingException> _violations = [];

    /// <summary>Holds an answer of the server against what was sent.</summary>
    /// <param name="table">The table.</param>
    /// <param name="expected">Rows that were sent.</param>
    /// <param name="meanings">What each count after the first means when it is above zero, a predicate.</param>
    /// <param name="row">The answer.</param>
    public void Judge(TableModel table, long expected, IReadOnlyList<string> meanings, NpgsqlDataReader row)
    {
        JudgeCount(table, expected, row.GetInt64(0));
        for (var index = 0; index < meanings.Count; index++)
        {
            if (row.GetInt64(index + 1) is > 0 and var offending)
            {
                Add(table, $"{offending} new rows of \"{table.Name}\" {meanings[index]}");
            }
        }
    }

    /// <summary>Holds the server's count of rows against what was sent.</summary>
    public void JudgeCount(TableModel table, long expected, long count)
    {
        if (count != expected)
        {
            Add(table, $"{expected} rows of \"{table.Name}\" were sent, and the server has {count} of them");
        }
    }

    /// <summary>Throws when anything was found.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public void ThrowIfAny()
    {
        if (_violations.Count > 0)
        {
            throw _violations[0];
        }
    }

    private void Add(TableModel table, string problem) => _violations.Add(new StreamingException(
        "VerificationFailed",
        StreamingErrorKind.ConstraintViolated,
        $"The proof of the new rows failed: {problem}. Nothing of this transaction was kept.",
        "Run the batch again; if it fails again, look for triggers or other writers that change these tables, and for row-level security that hides the new rows.",
        table.Name));
}
