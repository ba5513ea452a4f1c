using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
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
        foreach (var existing in plan.Existing.Values.Where(rows => rows.Count > 0 && KeyOf(rows.Table) is not null))
        {
            var values = new List<NpgsqlParameter>();
            var among = ParentSql.Among(schema, "p", KeyOf(existing.Table)!, existing, Enumerable.Range(0, existing.Count), values);
            commands.Query(
                $"""
                SELECT count(*) FROM (
                    SELECT 1 FROM {Identifier.Quote(schema, existing.Table.Name)} AS p
                    WHERE {among}{(locked || StoredKeys.NeedsLock(plan.Model, existing.Table) ? " FOR KEY SHARE" : "")}) AS parents
                """,
                row => parents._gone.Add((existing.Table.Name, existing.Count - row.GetInt64(0))),
                [.. values]);
        }

        return parents;
    }

    /// <summary>Columns that tell the rows of a table apart and are never NULL; null for none.</summary>
    private static IReadOnlyList<string>? KeyOf(TableModel table) =>
        table.PrimaryKey is { Count: > 0 } key && key.Select(table.Column).All(column => ParentSql.CanBeInArray(column)) ? key : null;

    /// <summary>
    /// True for a key to rows of an earlier chunk that no range of keys tells, or to existing rows that no key tells apart: these are locked
    /// one by one when they are looked up.
    /// </summary>
    public static bool IsLeftToVerification(ChunkTransaction transaction, BatchGenerator generator, ForeignKeyModel key)
    {
        var parent = transaction.Model.Table(key.ParentTable);
        return (transaction.Check == ForeignKeyCheck.Set || StoredKeys.NeedsLock(transaction.Model, parent))
            && ((KeyOf(parent) is null && transaction.Plan.Existing.TryGetValue(parent.Name, out var existing) && existing.Count > 0)
                || IsOfEarlierChunk(transaction, generator, parent));
    }

    private static bool IsOfEarlierChunk(ChunkTransaction transaction, BatchGenerator generator, TableModel parent) =>
        !NewRowKeys.CanBeRange(parent)
            && (generator.RowsToReferTo(parent) != generator.Rows(parent) || (transaction.Plan.Events.History is not null && generator.Chunk > 0));

    /// <summary>
    /// Locks the rows of the first chunk that a later chunk without parents of its own refers to, and those of earlier chunks that one of a
    /// history does. When one is gone, the verification that
    /// follows finds out.
    /// </summary>
    public static void AskForFirstChunk(CommandBatch commands, ChunkTransaction transaction, BatchGenerator generator)
    {
        // The triggers lock what each row refers to.
        foreach (var table in transaction.Model.Tables.Where(table => NewRowKeys.CanBeRange(table)
            && (transaction.Check == ForeignKeyCheck.Set || StoredKeys.NeedsLock(transaction.Model, table))))
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
