using StreamingPg.Core.Connections;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.OriginalDocument;

namespace StreamingPg.Tests.Integration.Schema;

/// <summary>What the tests of the initialisation share.</summary>
internal static class SchemaProbe
{
    /// <summary>Kind and name of all that the default model is made of, in the order it is reported.</summary>
    public static readonly string[] EverythingInOrder =
    [
        "schema streaming",
        "table users",
        "table transactions",
        "foreign key transactions_user_id_fkey",
        "index transactions_user_id_idx",
        "table detailed_transactions",
        "foreign key detailed_transactions_transaction_id_fkey",
        "foreign key detailed_transactions_user_id_fkey",
        "index detailed_transactions_transaction_id_idx",
        "index detailed_transactions_user_id_idx",
        "ledger batch_ledger",
    ];

    public static Task<IReadOnlyList<SchemaChange>> InitializeAsync(DatabaseConnection connection) =>
        SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);

    public static async Task CreateOriginalTablesAsync(TestDatabase database)
    {
        await database.ExecuteAsync("CREATE SCHEMA streaming");
        foreach (var statement in DocumentStatements.CreateTables)
        {
            await database.ExecuteAsync(statement);
        }
    }

    /// <summary>Everything of the schema that a change would alter: relations, columns, constraints, indexes, comments.</summary>
    public static async Task<string> FingerprintAsync(TestDatabase database, string tableOrAll = "%") =>
        string.Join('\n', (await database.QueryAsync(
            """
            SELECT format('%s %s %s %s %s', c.relname, c.relkind, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace JOIN pg_attribute a ON a.attrelid = c.oid
            WHERE n.nspname = 'streaming' AND c.relkind IN ('r', 'S', 'v') AND c.relname LIKE $1
            UNION ALL
            SELECT format('%s %s %s', k.conrelid::regclass, k.conname, pg_get_constraintdef(k.oid))
            FROM pg_constraint k JOIN pg_namespace n ON n.oid = k.connamespace
            WHERE n.nspname = 'streaming' AND (k.conrelid::regclass::text LIKE 'streaming.' || $1)
            UNION ALL
            SELECT indexdef FROM pg_indexes WHERE schemaname = 'streaming' AND tablename LIKE $1
            UNION ALL
            SELECT format('%s %s %s', objoid::regclass, objsubid, description) FROM pg_description
            WHERE classoid = 'pg_class'::regclass AND objoid::regclass::text LIKE 'streaming.' || $1
            ORDER BY 1
            """,
            tableOrAll)).Select(row => row[0]));
}
