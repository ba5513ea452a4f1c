using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Integrity;

/// <summary>The three default tables, made by the original document's own DDL, with a few rows that break no rule.</summary>
internal static class Shop
{
    public static async Task<TestDatabase> CreateAsync(PostgresFixture postgres, string schema = "streaming", bool withRows = true)
    {
        var database = await postgres.CreateDatabaseAsync(schema);
        var connection = database.Connection;
        var (users, transactions, details) =
            (connection.Quote("users"), connection.Quote("transactions"), connection.Quote("detailed_transactions"));
        await database.ExecuteAsync($"""
            CREATE SCHEMA {Core.Model.Identifier.Quote(schema)};
            CREATE TABLE {users} (
                user_id UUID PRIMARY KEY, name VARCHAR(255), email VARCHAR(255), age INTEGER, city VARCHAR(255),
                registration_date TIMESTAMP);
            CREATE TABLE {transactions} (
                transaction_id UUID PRIMARY KEY, user_id UUID CONSTRAINT t_user REFERENCES {users} (user_id),
                amount DECIMAL(10,2), transaction_date TIMESTAMP, status VARCHAR(50));
            CREATE TABLE {details} (
                id SERIAL PRIMARY KEY,
                transaction_id UUID CONSTRAINT d_transaction REFERENCES {transactions} (transaction_id),
                user_id UUID CONSTRAINT d_user REFERENCES {users} (user_id),
                product_name VARCHAR(255), quantity INTEGER, unit_price DECIMAL(10,2), created_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP);
            {string.Join(";\n", LedgerTable.CreateSql(schema))};
            """);
        if (withRows)
        {
            await database.ExecuteAsync($"""
                INSERT INTO {users}
                SELECT {User("n")}, 'User ' || n, 'user' || n || '@example.com', 20 + n, 'City', timestamp '2024-01-01' + n * interval '1 day'
                FROM generate_series(1, 10) AS n;
                INSERT INTO {transactions}
                SELECT {Transaction("n")}, {User("(n % 10 + 1)")}, 7 * n * 1.5, timestamp '2025-01-01' + n * interval '1 hour', 'completed'
                FROM generate_series(1, 20) AS n;
                INSERT INTO {details} (transaction_id, user_id, product_name, quantity, unit_price, created_at)
                SELECT {Transaction("n")}, {User("(n % 10 + 1)")}, 'Product', line, n * 1.5, timestamp '2025-02-01'
                FROM generate_series(1, 20) AS n, unnest(ARRAY[1, 2, 4]) AS line
                ORDER BY n, line;
                """);
        }

        return database;
    }

    public static StreamModel Model => MetadataReader.Default;

    /// <summary>SQL for the key of the n-th user.</summary>
    public static string User(string n) => $"('0190a000-0000-7000-8000-' || lpad({n}::text, 12, '0'))::uuid";

    /// <summary>SQL for the key of the n-th transaction.</summary>
    public static string Transaction(string n) => $"('0190b000-0000-7000-8000-' || lpad({n}::text, 12, '0'))::uuid";
}
