using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Locks what the rows of a later part refer to and another transaction made: between two transactions anybody may delete it. What
/// is locked while the rows are proven is there until the commit.
/// </summary>
internal sealed class ParentLock
{
    private readonly List<(string Table, long Gone)> _gone = [];

    private ParentLock()
    {
    }

    /// <summary>Asks for the locks, which last as long as the transaction, once the rows are made.</summary>
    public static ParentLock Ask(RoundTrip trip, string schema, BatchPlan plan, BatchGenerator generator)
    {
        var parents = new ParentLock();
        foreach (var table in plan.Model.Tables.Where(NewRowKeys.CanBeRange))
        {
            parents.AskForExisting(trip, schema, generator, table);
            AskForFirstPart(trip, schema, generator, table);
        }

        return parents;
    }

    /// <summary>Once the round trip has been made: throws when a parent is not there any more.</summary>
    /// <exception cref="StreamingException">A parent is gone, so the part cannot be made as planned.</exception>
    public void ThrowIfGone()
    {
        foreach (var (table, gone) in _gone.Where(parents => parents.Gone > 0))
        {
            throw new StreamingException(
                "ParentGone",
                StreamingErrorKind.ConstraintViolated,
                $"{gone} rows of \"{table}\" that the batch counts on as parents were deleted since its first part was loaded.",
                "The parts that are committed stay and are sound; load the rest as a new batch.",
                table);
        }
    }

    /// <summary>The existing rows that the part refers to; the first part locked them all when it picked them.</summary>
    private void AskForExisting(RoundTrip trip, string schema, BatchGenerator generator, TableModel table)
    {
        var made = generator.Table(table.Name);
        if (generator.Part == 0 || made.ExistingReferredTo is not { Count: > 0 } rows)
        {
            return;
        }

        var key = Identifier.Quote(table.PrimaryKey[0]);
        trip.Query(
            $"""
            SELECT count(*) FROM (
                SELECT 1 FROM {Identifier.Quote(schema, table.Name)} WHERE {key} = ANY ({made.Existing!.KeysSql(schema, 1)}) FOR KEY SHARE) AS locked
            """,
            row => _gone.Add((table.Name, rows.Count - row.GetInt64(0))),
            made.Existing.Keys(rows));
    }

    /// <summary>
    /// The rows of the first part that a part without parents of its own refers to. When one is gone, the proof that follows finds
    /// out.
    /// </summary>
    private static void AskForFirstPart(RoundTrip trip, string schema, BatchGenerator generator, TableModel table)
    {
        var rows = generator.RowsToReferTo(table);
        if (rows.Count == 0 || rows == generator.Rows(table))
        {
            return;
        }

        var keys = NewRowKeys.Of(generator.Table(table.Name), rows);
        trip.Query(
            $"""
            SELECT 1 FROM {Identifier.Quote(schema, table.Name)}
            WHERE {Identifier.Quote(keys.Column)} BETWEEN $1 AND $2 FOR KEY SHARE
            """,
            _ => { },
            new NpgsqlParameter { Value = keys.First },
            new NpgsqlParameter { Value = keys.Last });
    }
}
