using System.Text;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Verifies the rows of a first load, by one query per table: all rows of the tables are the batch's, so that nothing has to be told apart,
/// and parallel workers may join them with their parents.
/// </summary>
internal static class FirstLoadVerification
{
    /// <summary>Verifies the rows, once keys and indexes are there again: the foreign keys themselves PostgreSQL has validated.</summary>
    /// <param name="transaction">The transaction that wrote the rows.</param>
    /// <param name="rows">Rows per table that were sent.</param>
    /// <exception cref="StreamingException">A row is missing, or does not agree with its parents; the transaction must not be committed.</exception>
    public static async Task RunAsync(ChunkTransaction transaction, IReadOnlyDictionary<string, long> rows)
    {
        var settings = transaction.NewCommands();
        settings.Add("SET LOCAL work_mem = '128MB'");
        settings.Add("SET LOCAL jit = off");
        settings.Add("SET LOCAL enable_indexscan = on"); // what is looked up row by row
        await transaction.ExecuteAsync(settings).ConfigureAwait(false);
        var findings = new VerificationFindings();
        foreach (var table in transaction.Model.Tables.Where(table => rows.GetValueOrDefault(table.Name) > 0))
        {
            var keys = VerifiedKey.Of(transaction.Model, table, ForeignKeyCheck.Row, withUnenforced: true);
            var verification = new TableVerification(table, rows[table.Name], keys);
            var commands = transaction.NewCommands();
            commands.Query(CountSql(transaction, verification), verification.Read);

            // One after the other: all of them together may take longer than one silence may.
            await transaction.ExecuteAsync(commands).ConfigureAwait(false);
            findings.Judge(verification, exact: true);
        }

        findings.ThrowIfAny();
    }

    private static string CountSql(ChunkTransaction transaction, TableVerification verification)
    {
        var table = verification.Table;
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        foreach (var key in verification.Keys)
        {
            if (!key.CanBeJoined)
            {
                counts.Append($", {key.LookUpCountSql(transaction.Schema, null)}");
                continue;
            }

            // Where no foreign key may stand, nothing keeps two parents from having one key, and a row must not count twice.
            var parents = transaction.Session.Quote(key.ForeignKey.ParentTable);
            var source = StoredKeys.IsUnenforced(transaction.Model, table, key.ForeignKey)
                ? $"(SELECT DISTINCT {Identifier.QuoteList(key.ParentColumns.Distinct())} FROM {parents})"
                : parents;
            joins.Append($" LEFT JOIN {source} AS {key.Alias} ON {key.JoinCondition}");
            counts.Append($", {key.OffendingCountSql}");
        }

        return $"SELECT {counts} FROM {transaction.Session.Quote(table.Name)} AS {VerifiedKey.ChildAlias}{joins}";
    }
}
