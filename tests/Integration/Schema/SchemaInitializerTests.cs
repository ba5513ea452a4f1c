using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.OriginalDocument;

namespace StreamingPg.Tests.Integration.Schema;

[Collection(SharedPostgres.Name)]
public sealed class SchemaInitializerTests(PostgresFixture postgres)
{
    private static readonly string[] EverythingInOrder =
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

    [Fact]
    public async Task Everything_is_created_once_and_unchanged_afterwards()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var first = await InitializeAsync(database.Connection);
        var before = await FingerprintAsync(database);
        var second = await InitializeAsync(database.Connection);

        Assert.Equal(EverythingInOrder, first.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(first, change => Assert.Equal(SchemaAction.Created, change.Action));
        Assert.Equal(EverythingInOrder, second.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(second, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Equal(before, await FingerprintAsync(database));
    }

    [Fact]
    public async Task Tables_are_those_of_the_original_document()
    {
        await using var ours = await postgres.CreateDatabaseAsync();
        await using var original = await postgres.CreateDatabaseAsync();
        await InitializeAsync(ours.Connection);
        await CreateOriginalTablesAsync(original);

        const string columns =
            """
            SELECT table_name::text, column_name::text, data_type::text, character_maximum_length::text, numeric_precision::text,
                   numeric_scale::text, is_nullable::text, column_default::text
            FROM information_schema.columns WHERE table_schema = 'streaming' AND table_name <> 'batch_ledger'
            ORDER BY table_name, ordinal_position
            """;
        const string constraints =
            """
            SELECT conrelid::regclass::text, conname::text, pg_get_constraintdef(oid) FROM pg_constraint
            WHERE connamespace = 'streaming'::regnamespace AND conrelid <> coalesce(to_regclass('streaming.batch_ledger'), 0)
            ORDER BY 1, 2
            """;
        Assert.Equal(await original.QueryAsync(columns), await ours.QueryAsync(columns));
        Assert.Equal(await original.QueryAsync(constraints), await ours.QueryAsync(constraints));
    }

    [Fact]
    public async Task Tables_made_with_the_document_s_own_statements_fit_and_get_only_indexes_and_the_ledger()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await CreateOriginalTablesAsync(database);

        var changes = await InitializeAsync(database.Connection);

        Assert.Equal(EverythingInOrder, changes.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(changes, change => Assert.Equal(
            change.Kind is "index" or "ledger" ? SchemaAction.Created : SchemaAction.Unchanged, change.Action));
    }

    [Fact]
    public async Task Descriptions_become_comments()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """{"a": {"description": "it's a \\ table", "columns": {"id": {"type": "UUID", "primary_key": true, "description": "the 'key'"}}}}""");

        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);

        Assert.Equal(@"it's a \ table", await database.ScalarAsync<string>("SELECT obj_description('streaming.a'::regclass)"));
        Assert.Equal("the 'key'", await database.ScalarAsync<string>("SELECT col_description('streaming.a'::regclass, 1)"));
    }

    [Fact]
    public async Task A_plan_touches_nothing_and_its_statements_do_what_the_real_run_does()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var byHand = await postgres.CreateDatabaseAsync();
        var before = await FingerprintAsync(database);

        var plan = await SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, planOnly: true, CancellationToken.None);

        Assert.Equal(before, await FingerprintAsync(database));
        Assert.Equal(EverythingInOrder, plan.Select(change => $"{change.Kind} {change.Name}"));
        Assert.All(plan, change => Assert.Equal(SchemaAction.WouldCreate, change.Action));
        foreach (var change in plan)
        {
            await byHand.ExecuteAsync(change.Sql);
        }

        await InitializeAsync(database.Connection);
        Assert.Equal(await FingerprintAsync(database), await FingerprintAsync(byHand));
    }

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
        "there is no primary key; expected is (transaction_id)")]
    [InlineData(
        "ALTER TABLE streaming.transactions ADD shop text NOT NULL",
        "column \"shop\" is not expected, must have a value and has no default")]
    [InlineData(
        "ALTER TABLE streaming.transactions DROP COLUMN amount, ADD amount numeric(10,2) GENERATED ALWAYS AS (1) STORED",
        "column \"amount\" is computed by the server and takes no value")]
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
        Assert.Equal("column \"id\" has no sequence that gives its value", table.Detail);
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

    [Fact]
    public async Task Many_initialisations_at_once_do_not_clash()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var runs = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => InitializeAsync(database.Connection))));

        Assert.Equal(1, runs.Count(run => run.All(change => change.Action == SchemaAction.Created)));
        Assert.Equal(7, runs.Count(run => run.All(change => change.Action == SchemaAction.Unchanged)));
    }

    [Theory]
    [InlineData("a\"b; drop table x")]
    [InlineData("Straße 'ß' \\ . %")]
    [InlineData("SELECT")]
    public async Task Any_name_is_good_for_a_schema(string schema)
    {
        await using var database = await postgres.CreateDatabaseAsync(schema);

        var first = await InitializeAsync(database.Connection);
        var second = await InitializeAsync(database.Connection);

        Assert.All(first, change => Assert.Equal(SchemaAction.Created, change.Action));
        Assert.All(second, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Equal(0, await database.CountAsync("detailed_transactions"));
    }

    [Fact]
    public async Task Without_the_right_to_create_nothing_stays()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        // May create tables, and so gets as far as transactions, which would refer to a table of someone else.
        await database.ExecuteAsync(
            """
            CREATE SCHEMA streaming;
            CREATE TABLE streaming.users (user_id uuid PRIMARY KEY, name varchar(255), email varchar(255), age integer,
                city varchar(255), registration_date timestamp)
            """);
        var connection = await database.ConnectAsPlainRoleAsync("GRANT USAGE, CREATE ON SCHEMA streaming TO {role}");

        var error = await Assert.ThrowsAsync<StreamingException>(() => InitializeAsync(connection));

        Assert.Equal(StreamingErrorKind.PermissionDenied, error.Kind);
        Assert.Contains("transactions_user_id_fkey", error.Message, StringComparison.Ordinal);
        Assert.Equal(
            ["users"],
            (await database.QueryAsync("SELECT tablename::text FROM pg_tables WHERE schemaname = 'streaming'")).Select(row => row[0]));
    }

    [Fact]
    public async Task Without_the_right_to_create_a_schema_the_error_says_so()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var connection = await database.ConnectAsPlainRoleAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(() => InitializeAsync(connection));

        Assert.Equal(StreamingErrorKind.PermissionDenied, error.Kind);
        Assert.StartsWith("Creating schema \"streaming\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_rights_a_schema_that_fits_is_found_unchanged()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InitializeAsync(database.Connection);
        var connection = await database.ConnectAsPlainRoleAsync();

        Assert.All(await InitializeAsync(connection), change => Assert.Equal(SchemaAction.Unchanged, change.Action));
    }

    [Fact]
    public async Task Cancelling_leaves_nothing()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await using var blocker = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await blocker.BeginTransactionAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE TABLE streaming.users (user_id uuid PRIMARY KEY, "
            + "name varchar(255), email varchar(255), age integer, city varchar(255), registration_date timestamp)");
        await using (var command = new Npgsql.NpgsqlCommand("LOCK TABLE streaming.users", blocker))
        {
            await command.ExecuteNonQueryAsync();
        }

        using var source = new CancellationTokenSource(TimeSpan.FromSeconds(1));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => SchemaInitializer.InitializeAsync(
            database.Connection, MetadataReader.Default, planOnly: false, source.Token));

        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM pg_tables WHERE schemaname = 'streaming'"));
    }

    private static Task<IReadOnlyList<SchemaChange>> InitializeAsync(DatabaseConnection connection) =>
        SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);

    private static async Task CreateOriginalTablesAsync(TestDatabase database)
    {
        await database.ExecuteAsync("CREATE SCHEMA streaming");
        foreach (var statement in DocumentStatements.CreateTables)
        {
            await database.ExecuteAsync(statement);
        }
    }

    /// <summary>Everything of the schema that a change would alter: relations, columns, constraints, indexes, comments.</summary>
    private static async Task<string> FingerprintAsync(TestDatabase database, string tableOrAll = "%") =>
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
