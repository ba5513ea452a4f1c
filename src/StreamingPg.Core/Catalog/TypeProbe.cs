using Npgsql;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Catalog;

/// <summary>Finds what the values of a type look like of which nothing is known: asks the server which of some texts it takes.</summary>
internal static class TypeProbe
{
    private const string RestOfUuid = "[0-9a-f]{7}-[0-9a-f]{4}-4[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}";

    private static readonly (string Text, string Pattern)[] Candidates =
    [
        ("lorem", "[a-z]{6}"),
        ("LOREM", "[A-Z]{6}"),
        ("a", "[a-z]"),
        ("77", @"[1-9]\d"),
        ("1", "1"),
        ("7.5", @"[1-9]\.\d"),
        ("1.2.3", @"[1-9]\.\d\.\d"),
        ("2024-01-15", @"2024-0[1-9]-[12]\d"),
        ("2024-01-15 10:00", @"2024-0[1-9]-[12]\d 1\d:00"),
        ("10:15", @"1\d:[0-5]\d"),
        ("1 day", "[1-9] days"),
        ("10.0.0.7", @"10\.\d{1,2}\.\d{1,2}\.[1-9]"),
        ("10.0.0.1-10.0.0.9", @"10\.0\.0\.[1-4]-10\.0\.0\.[5-9]"),
        ("lorem@ipsum.example", @"[a-z]{6}@[a-z]{6}\.example"),
        ("https://lorem.example/", @"https://[a-z]{6}\.example/"),
        ("[1,10)", @"\[[1-9],[1-9]\d\)"),
        ("[a,z)", @"\[[a-m],[n-z]\)"),
        ("[01:00,10:00)", @"\[0\d:00,1\d:00\)"),
        ("[10.0.0.1,10.0.0.9)", @"\[10\.0\.0\.[1-4],10\.0\.0\.[5-9]\)"),
        ("[00000000-0000-4000-8000-000000000001,f0000000-0000-4000-8000-000000000001)", $@"\[[0-7]{RestOfUuid},[89a-f]{RestOfUuid}\)"),
        ("{[1,10)}", @"\{\[[1-9],[1-9]\d\)\}"),
        ("{[a,z)}", @"\{\[[a-m],[n-z]\)\}"),
        ("{[01:00,10:00)}", @"\{\[0\d:00,1\d:00\)\}"),
        ("{[00000000-0000-4000-8000-000000000001,f0000000-0000-4000-8000-000000000001)}", $@"\{{\[[0-7]{RestOfUuid},[89a-f]{RestOfUuid}\)\}}"),
        ("(1,2)", @"\(\d,\d\)"),
        ("[1,2]", @"\[\d,\d\]"),
        ("{1,2}", @"\{\d,\d\}"),
        ("{}", @"\{\}"),
        ("a=>1", "[a-z]{4}=>[a-z]{4}"),
        (@"\x0102", @"\\x[0-9a-f]{8}"),
        ("00000000-0000-4000-8000-000000000001", "[0-9a-f]" + RestOfUuid),
        ("EUR", "(EUR|USD|GBP)"),
        ("1.00 EUR", @"[1-9]\.\d{2} (EUR|USD|GBP)"),
        ("978-0-306-40615-7", "978-0-306-40615-7"),
        ("0-306-40615-2", "0-306-40615-2"),
        ("01", "[01]{2}"),
        ("()", @"\(\)"),
        ("", ""),
    ];

    /// <summary>The regular expression of texts that a type takes; null when it takes none of those that are tried.</summary>
    /// <param name="open">An open connection, in a transaction.</param>
    /// <param name="type">The type as SQL spells it.</param>
    /// <param name="cancellationToken">Cancels.</param>
    public static async Task<string?> FindAsync(NpgsqlConnection open, string type, CancellationToken cancellationToken)
    {
        foreach (var (text, pattern) in Candidates)
        {
            if (await IsTakenAsync(open, CatalogSql.TryText(text, type), cancellationToken).ConfigureAwait(false))
            {
                return pattern;
            }
        }

        return null;
    }

    private static async Task<bool> IsTakenAsync(NpgsqlConnection open, string sql, CancellationToken cancellationToken)
    {
        await ExecuteAsync(open, "SAVEPOINT probe", cancellationToken).ConfigureAwait(false);
        try
        {
            await ExecuteAsync(open, sql, cancellationToken).ConfigureAwait(false);
            return true;
        }
        catch (PostgresException refused) when (refused.SqlState[..2] is not ("57" or "25" or "53"))
        {
            return false;
        }
        finally
        {
            await ExecuteAsync(open, "ROLLBACK TO SAVEPOINT probe", cancellationToken).ConfigureAwait(false);
            await ExecuteAsync(open, "RELEASE SAVEPOINT probe", cancellationToken).ConfigureAwait(false);
        }
    }

    private static Task ExecuteAsync(NpgsqlConnection open, string sql, CancellationToken cancellationToken)
    {
        var commands = new CommandBatch(open);
        commands.Add(sql);
        return commands.ExecuteAsync(cancellationToken);
    }
}
