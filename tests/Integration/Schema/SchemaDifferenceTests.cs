using StreamingPg.Core.Ledger;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schema.SchemaProbe;

namespace StreamingPg.Tests.Integration.Schema;

/// <summary>Tables that were there before, and whether they fit.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SchemaDifferenceTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("ALTER TABLE streaming.transactions DROP COLUMN status", "column \"status\" is missing")]
    [InlineData(
        "ALTER TABLE streaming.transactions ALTER amount TYPE numeric(12,4)",
        "column \"amount\" is numeric(12,4), not numeric(10,2)")]
    [InlineData(
        "ALTER TABLE streaming.transactions DROP CONSTRAINT transactions_user_id_fkey",
        "there is no foreign key on (user_id) to \"users\" (user_id)")]
    [InlineData(
        "ALTER TABLE streaming.transactions DROP CONSTRAINT transactions_pkey CASCADE",
        "it has no primary key; expected is (transaction_id)")]
    [InlineData(
        "ALTER TABLE streaming.transactions ADD shop text NOT NULL",
        "column \"shop\" is not in the model, is NOT NULL and has no default")]
    [InlineData(
        "ALTER TABLE streaming.transactions DROP COLUMN amount, ADD amount numeric(10,2) GENERATED ALWAYS AS (1) STORED",
        "column \"amount\" is computed by the server")]
    [InlineData(
        "CREATE TABLE streaming.statuses (status varchar(50) PRIMARY KEY); "
        + "ALTER TABLE streaming.transactions ADD CONSTRAINT of_status FOREIGN KEY (status) REFERENCES streaming.statuses",
        "foreign key \"of_status\" on (status) refers to \"streaming\".\"statuses\" (status), which is not expected")]
    [InlineData(
        "CREATE TABLE streaming.people (user_id uuid PRIMARY KEY); "
        + "ALTER TABLE streaming.transactions DROP CONSTRAINT transactions_user_id_fkey; "
        + "ALTER TABLE streaming.transactions ADD CONSTRAINT of_people FOREIGN KEY (user_id) REFERENCES streaming.people",
        "foreign key \"of_people\" on (user_id) refers to \"streaming\".\"people\" (user_id), not to \"users\" (user_id)")]
    public async Task A_table_that_does_not_fit_is_reported_and_not_touched(string alteration, string detail)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateOriginalTablesAsync(database);
        await database.ExecuteAsync("CREATE INDEX ON streaming.transactions (user_id)");
        await database.ExecuteAsync(alteration);
        var before = await FingerprintAsync(database, "transactions");

        var changes = await InitializeAsync(database.Connection);

        var table = Assert.Single(changes, change => change.Name == "transactions");
        Assert.Equal(SchemaAction.Different, table.Action);
        Assert.Equal(detail, table.Detail);
        Assert.DoesNotContain(changes, change => change.Name.StartsWith("transactions_", StringComparison.Ordinal));
        Assert.Equal(before, await FingerprintAsync(database, "transactions"));
    }

    [Fact]
    public async Task A_serial_column_without_its_sequence_does_not_fit()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InitializeAsync(database.Connection);
        await database.ExecuteAsync("ALTER TABLE streaming.detailed_transactions ALTER id DROP DEFAULT");

        var changes = await InitializeAsync(database.Connection);

        var table = Assert.Single(changes, change => change.Name == "detailed_transactions");
        Assert.Equal("column \"id\" has no sequence", table.Detail);
    }

    [Fact]
    public async Task What_refers_to_a_table_that_does_not_fit_is_not_created()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE VIEW streaming.users AS SELECT 1 AS user_id");

        var changes = await InitializeAsync(database.Connection);

        Assert.Equal(
            [
                "users: it is a view, not a table",
                "transactions: not created, because it refers to \"users\", which does not fit",
                "detailed_transactions: not created, because it refers to \"transactions\", which does not fit",
            ],
            changes.Where(change => change.Action == SchemaAction.Different).Select(change => $"{change.Name}: {change.Detail}"));
        Assert.Equal(
            ["batch_ledger"],
            (await database.QueryAsync("SELECT tablename::text FROM pg_tables WHERE schemaname = 'streaming'")).Select(row => row[0]));
    }

    [Fact]
    public async Task Further_columns_that_may_stay_empty_or_have_a_default_fit()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateOriginalTablesAsync(database);
        await database.ExecuteAsync(
            "ALTER TABLE streaming.users ADD nickname text, ADD level int NOT NULL DEFAULT 1, ADD number int GENERATED ALWAYS AS IDENTITY");

        var changes = await InitializeAsync(database.Connection);

        Assert.DoesNotContain(changes, change => change.Action == SchemaAction.Different);
    }

    [Fact]
    public async Task A_partitioned_table_counts_as_a_table()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            """
            CREATE SCHEMA streaming;
            CREATE TABLE streaming.users (user_id uuid PRIMARY KEY, name varchar(255), email varchar(255), age integer,
                city varchar(255), registration_date timestamp) PARTITION BY HASH (user_id);
            CREATE TABLE streaming.users_0 PARTITION OF streaming.users FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE streaming.users_1 PARTITION OF streaming.users FOR VALUES WITH (MODULUS 2, REMAINDER 1)
            """);

        var first = await InitializeAsync(database.Connection);
        var second = await InitializeAsync(database.Connection);

        Assert.Equal(SchemaAction.Unchanged, first.Single(change => change.Name == "users").Action);
        Assert.Equal(EverythingInOrder, first.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(second, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
    }

    [Fact]
    public async Task A_ledger_of_another_shape_is_reported_and_not_touched()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(
            $"CREATE SCHEMA streaming; CREATE TABLE streaming.{LedgerTable.Name} (batch_id text PRIMARY KEY, what text)");

        var changes = await InitializeAsync(database.Connection);

        var ledger = changes.Single(change => change.Kind == "ledger");
        Assert.Equal(SchemaAction.Different, ledger.Action);
        Assert.StartsWith("column \"batch_id\" is text, not uuid; column \"part\" is missing;", ledger.Detail, StringComparison.Ordinal);
        Assert.Equal(2L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM information_schema.columns WHERE table_name = $1", LedgerTable.Name));
    }

    [Fact]
    public async Task An_index_name_that_is_taken_is_not_taken_again()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateOriginalTablesAsync(database);
        await database.ExecuteAsync(
            "CREATE INDEX transactions_user_id_idx ON streaming.transactions (user_id) WHERE amount > 10");

        var changes = await InitializeAsync(database.Connection);

        Assert.Equal(
            SchemaAction.Created, changes.Single(change => change.Name == "transactions_user_id_idx1").Action);
    }
}
