using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Locks the existing parents of a plan for one of its later chunks, as the first chunk did when it picked them: between two
/// transactions anybody may delete them. All of them, also those that only other chunks refer to: a retention beside a large batch
/// would take them away before their chunk's turn.
/// </summary>
internal sealed class ParentLock
{
    private readonly List<(string Table, long Gone)> _gone = [];

    private ParentLock()
    {
    }

    /// <summary>Asks for the parents.</summary>
    /// <param name="commands">The round trip to ask with.</param>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="plan">The plan.</param>
    /// <param name="locked">True to lock them as long as the transaction lasts; the triggers do, where they are on.</param>
    public static ParentLock Ask(CommandBatch commands, string schema, BatchPlan plan, bool locked)
    {
        var parents = new ParentLock();
        foreach (var existing in plan.Existing.Values.Where(rows => rows.Count > 0 && NewRowKeys.CanBeRange(rows.Table)))
        {
            var key = Identifier.Quote(existing.Table.PrimaryKey[0]);
            commands.Query(
                $"""
                SELECT count(*) FROM (
                    SELECT 1 FROM {Identifier.Quote(schema, existing.Table.Name)} WHERE {key} = ANY ({existing.KeysSql(schema, 1)}){(locked ? " FOR KEY SHARE" : "")}) AS parents
                """,
                row => parents._gone.Add((existing.Table.Name, existing.Count - row.GetInt64(0))),
                existing.Keys(Enumerable.Range(0, existing.Count)));
        }

        return parents;
    }

    /// <summary>
    /// Locks the rows of the first chunk that a later chunk without parents of its own refers to, and those of earlier chunks that one of a
    /// history does. When one is gone, the verification that
    /// follows finds out.
    /// </summary>
    public static void AskForFirstChunk(CommandBatch commands, ChunkTransaction transaction, BatchGenerator generator)
    {
        if (transaction.Check != ForeignKeyCheck.Set)
        {
            // The triggers lock what each row refers to.
            return;
        }

        foreach (var table in transaction.Model.Tables.Where(NewRowKeys.CanBeRange))
        {
            if (generator.Table(table.Name) is { EarlierReferredTo: { Count: > 0 } earlier } parents)
            {
                var column = table.Column(table.PrimaryKey[0]);
                commands.Query(
                    $"""
                    SELECT 1 FROM {transaction.Session.Quote(table.Name)}
                    WHERE {Identifier.Quote(column.Name)} = ANY ({ColumnSql.ArrayParameter(transaction.Schema, column.Type, 1)}) FOR KEY SHARE
                    """,
                    _ => { },
                    ServerValue.Array(column.Type, parents.KeysOf(earlier)));
            }

            var rows = generator.RowsToReferTo(table);
            if (rows.Count > 0 && rows != generator.Rows(table))
            {
                var keys = NewRowKeys.Of(generator.Table(table.Name), rows);
                commands.Query(
                    $"""
                    SELECT 1 FROM {transaction.Session.Quote(table.Name)}
                    WHERE {Identifier.Quote(keys.Column)} BETWEEN $1 AND $2 FOR KEY SHARE
                    """,
                    _ => { },
                    new NpgsqlParameter { Value = keys.First },
                    new NpgsqlParameter { Value = keys.Last });
            }
        }
    }

    /// <summary>Once the round trip has been made: throws when a parent is not there any more.</summary>
    /// <exception cref="StreamingException">A parent is gone, so the chunk cannot be made as planned.</exception>
    public void ThrowIfGone()
    {
        foreach (var (table, gone) in _gone.Where(parents => parents.Gone > 0))
        {
            throw new StreamingException(
                ErrorIds.ParentGone,
                StreamingErrorKind.ConstraintViolated,
                $"{gone} rows of \"{table}\" that the batch needs as parents were deleted after its first chunk was loaded.",
                "The committed chunks stay and are valid: close the batch with Close-StreamingBatch (streamingpg close), and load the rest as a new one.",
                table);
        }
    }
}
