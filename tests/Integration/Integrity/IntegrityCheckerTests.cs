using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Integrity;

[Collection(SharedPostgres.Name)]
public sealed class IntegrityCheckerTests(PostgresFixture postgres)
{
    private const string CompositeMetadata = """
        {
          "tenants": {"columns": {"tenant": {"type": "INTEGER", "primary_key": true}}},
          "Odd \"orders": {"columns": {
            "tenant": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "tenants", "column": "tenant"}},
            "order no": {"type": "INTEGER", "primary_key": true},
            "placed": {"type": "TIMESTAMP"}}},
          "lines": {"columns": {
            "id": {"type": "SERIAL", "primary_key": true, "auto_increment": true},
            "tenant": {"type": "INTEGER", "foreign_key": {"table": "Odd \"orders", "column": "tenant"}},
            "order no": {"type": "INTEGER", "foreign_key": {"table": "Odd \"orders", "column": "order no"}}}}
        }
        """;

    [Theory]
    [InlineData("streaming", true)]
    [InlineData("streaming", false)]
    [InlineData("a\"b; drop table x", true)]
    public async Task Sound_or_empty_tables_pass_every_check(string schema, bool withRows)
    {
        await using var database = await Shop.CreateAsync(postgres, schema, withRows);

        var results = await CheckAsync(database.Connection, Shop.Model);

        Assert.All(results, result => Assert.True(result.Status < IntegrityStatus.Broken, $"{result.Check}: {result.Count}"));
        Assert.Equal(
        [
            "PrimaryKey users.user_id",
            "Unique users.email",
            "KeyValue users.user_id",
            "Range users.age",
            "ForeignKeyConstraint transactions.user_id -> users.user_id",
            "PrimaryKey transactions.transaction_id",
            "ForeignKey transactions.user_id -> users.user_id",
            "KeyValue transactions.transaction_id",
            "KeyValue transactions.user_id",
            "Range transactions.amount",
            "TimeOrder transactions.transaction_date >= users.registration_date",
            "ForeignKeyConstraint detailed_transactions.transaction_id -> transactions.transaction_id",
            "ForeignKeyConstraint detailed_transactions.user_id -> users.user_id",
            "Sequence detailed_transactions.id",
            "PrimaryKey detailed_transactions.id",
            "ForeignKey detailed_transactions.transaction_id -> transactions.transaction_id",
            "ForeignKey detailed_transactions.user_id -> users.user_id",
            "KeyValue detailed_transactions.id",
            "KeyValue detailed_transactions.transaction_id",
            "KeyValue detailed_transactions.user_id",
            "Range detailed_transactions.quantity",
            "Range detailed_transactions.unit_price",
            "SharedParent detailed_transactions.user_id = transactions.user_id",
            "TimeOrder detailed_transactions.created_at >= transactions.transaction_date",
            "Amount transactions.amount = sum of detailed_transactions",
        ],
        results.Select(result => result.Check));
    }

    [Fact]
    public async Task Composite_keys_are_compared_whole_and_half_a_key_is_a_key_without_a_value()
    {
        await using var database = await postgres.CreateDatabaseAsync("Odd \"schema");
        var connection = database.Connection;
        var model = MetadataReader.Parse(CompositeMetadata);
        await SchemaInitializer.InitializeAsync(connection, model, false, CancellationToken.None);
        var (orders, lines) = (connection.Quote("Odd \"orders"), connection.Quote("lines"));
        await database.ExecuteAsync($"""
            INSERT INTO {connection.Quote("tenants")} VALUES (1), (2);
            INSERT INTO {orders} VALUES (1, 10, '2025-01-01'), (2, 20, '2025-01-01');
            INSERT INTO {lines} (tenant, "order no") VALUES (1, 10), (2, 20);
            """);
        Assert.All(await CheckAsync(connection, model), result => Assert.True(result.Status < IntegrityStatus.Broken, result.Check));

        await database.ExecuteAsync($"""
            SET session_replication_role = replica;
            INSERT INTO {lines} (tenant, "order no") VALUES (1, 20), (2, NULL);
            RESET session_replication_role;
            ALTER TABLE {orders} DROP CONSTRAINT "Odd ""orders_pkey" CASCADE;
            INSERT INTO {orders} VALUES (1, 10, '2025-01-01');
            """);
        var findings = (await CheckAsync(connection, model)).Where(result => result.Status >= IntegrityStatus.Broken).ToDictionary(result => result.Check);

        Assert.Equal(["3"], findings["ForeignKey lines.(tenant, order no) -> Odd \"orders.(tenant, order no)"].SampleKeys);
        Assert.Equal(["4"], findings["KeyValue lines.order no"].SampleKeys);
        Assert.Equal(["1, 10"], findings["PrimaryKey Odd \"orders.(tenant, order no)"].SampleKeys);
        Assert.Equal(1, findings["ForeignKeyConstraint lines.(tenant, order no) -> Odd \"orders.(tenant, order no)"].Count);
        Assert.Equal(4, findings.Count);
    }

    [Fact]
    public async Task Partitioned_tables_are_checked_like_others()
    {
        await using var database = await Shop.CreateAsync(postgres, withRows: false);
        await database.ExecuteAsync("""
            DROP TABLE streaming.detailed_transactions;
            CREATE TABLE streaming.detailed_transactions (
                id serial PRIMARY KEY, transaction_id uuid REFERENCES streaming.transactions, user_id uuid REFERENCES streaming.users,
                product_name varchar(255), quantity integer, unit_price numeric(10,2), created_at timestamp) PARTITION BY RANGE (id);
            CREATE TABLE streaming.d1 PARTITION OF streaming.detailed_transactions FOR VALUES FROM (1) TO (3);
            CREATE TABLE streaming.d2 PARTITION OF streaming.detailed_transactions DEFAULT;
            SET session_replication_role = replica;
            INSERT INTO streaming.detailed_transactions (transaction_id, user_id)
            SELECT gen_random_uuid(), gen_random_uuid() FROM generate_series(1, 4);
            RESET session_replication_role
            """);

        var findings = (await CheckAsync(database.Connection, Shop.Model)).Where(result => result.Status >= IntegrityStatus.Broken).ToList();

        Assert.Equal(["ForeignKey detailed_transactions.transaction_id -> transactions.transaction_id", "ForeignKey detailed_transactions.user_id -> users.user_id"], findings.Select(finding => finding.Check));
        Assert.All(findings, finding => Assert.Equal(4, finding.Count));
    }

    [Fact]
    public async Task Rows_that_commit_during_the_checks_cause_no_finding()
    {
        await using var database = await Shop.CreateAsync(postgres);
        var orphans = 0L;
        var planted = false;
        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, Shop.Model, CancellationToken.None))
        {
            if (!planted)
            {
                planted = true;
                await database.ExecuteAsync(
                    "SET session_replication_role = replica; DELETE FROM streaming.transactions; RESET session_replication_role");
            }

            orphans += result.Count;
        }

        Assert.Equal(0, orphans);
        Assert.Contains(await CheckAsync(database.Connection, Shop.Model), result => result.Status >= IntegrityStatus.Broken);
    }

    [Fact]
    public async Task A_check_over_no_rows_has_nothing_to_check_and_is_no_finding()
    {
        await using var database = await Shop.CreateAsync(postgres, withRows: false);

        var results = await CheckAsync(database.Connection, Shop.Model);

        Assert.All(
            results.Where(result => !result.Check.StartsWith("ForeignKeyConstraint", StringComparison.Ordinal) && !result.Check.StartsWith("Sequence", StringComparison.Ordinal)),
            result => Assert.Equal((result.Check, IntegrityStatus.NothingToCheck, true), (result.Check, result.Status, result.Passed)));
    }

    [Fact]
    public async Task Sums_that_the_column_cannot_hold_are_found_and_hide_no_other_result()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("UPDATE streaming.detailed_transactions SET quantity = 20000, unit_price = 9999.99");
        await database.ExecuteAsync("UPDATE streaming.transactions SET amount = 'NaN' WHERE ctid = (SELECT min(ctid) FROM streaming.transactions)");

        var results = await CheckAsync(database.Connection, Shop.Model);

        Assert.Equal(1, results.Single(result => result.Check == "Range transactions.amount").Count);
        Assert.Equal(IntegrityStatus.Broken, results.Single(result => result.Check.StartsWith("Amount transactions.amount", StringComparison.Ordinal)).Status);
        Assert.DoesNotContain(results, result => result.Status == IntegrityStatus.Error);
    }

    [Fact]
    public async Task A_check_that_cannot_be_made_is_a_result_of_its_own_and_the_others_go_on()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("""
            CREATE FUNCTION streaming.fails(integer) RETURNS integer LANGUAGE plpgsql AS $$ BEGIN RETURN 1 / 0; END $$;
            ALTER TABLE streaming.users ENABLE ROW LEVEL SECURITY;
            CREATE POLICY p ON streaming.users USING (streaming.fails(age) = 1)
            """);
        var reader = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA streaming TO {role}",
            "GRANT SELECT ON ALL SEQUENCES IN SCHEMA streaming TO {role}");

        var results = await CheckAsync(reader, Shop.Model);

        var age = results.Single(result => result.Check == "Range users.age");
        Assert.Equal((IntegrityStatus.Error, false), (age.Status, age.Passed));
        Assert.Contains("division by zero", age.Error, StringComparison.Ordinal);
        Assert.Equal(IntegrityStatus.Passed, results.Single(result => result.Check == "Range transactions.amount").Status);
    }

    [Fact]
    public async Task Reading_rights_are_enough_and_nothing_is_written()
    {
        await using var database = await Shop.CreateAsync(postgres);
        var reader = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT ON ALL TABLES IN SCHEMA streaming TO {role}",
            "GRANT SELECT ON ALL SEQUENCES IN SCHEMA streaming TO {role}");

        Assert.All(await CheckAsync(reader, Shop.Model), result => Assert.True(result.Status < IntegrityStatus.Broken, result.Check));
    }

    [Fact]
    public async Task Missing_right_is_an_error_with_its_kind()
    {
        await using var database = await Shop.CreateAsync(postgres);
        var stranger = await database.ConnectAsPlainRoleAsync("GRANT USAGE ON SCHEMA streaming TO {role}");

        var error = await Assert.ThrowsAsync<StreamingException>(() => CheckAsync(stranger, Shop.Model));

        Assert.Equal(StreamingErrorKind.PermissionDenied, error.Kind);
    }

    [Fact]
    public async Task Missing_table_is_named_with_the_remedy()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("DROP TABLE streaming.detailed_transactions");

        var error = await Assert.ThrowsAsync<StreamingException>(() => CheckAsync(database.Connection, Shop.Model));

        Assert.Equal(("TableNotFound", StreamingErrorKind.NotFound, "detailed_transactions"), (error.ErrorId, error.Kind, error.Target));
        Assert.Contains("Initialize-StreamingSchema", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Missing_column_is_named()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await database.ExecuteAsync("ALTER TABLE streaming.users DROP COLUMN age");

        var error = await Assert.ThrowsAsync<StreamingException>(() => CheckAsync(database.Connection, Shop.Model));

        Assert.Equal(StreamingErrorKind.SchemaMismatch, error.Kind);
        Assert.Contains("\"age\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_ends_the_query_on_the_server()
    {
        await using var database = await Shop.CreateAsync(postgres);
        await using var blocker = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await blocker.BeginTransactionAsync();
        await using var command = new Npgsql.NpgsqlCommand("LOCK TABLE streaming.transactions", blocker);
        await command.ExecuteNonQueryAsync();
        using var cancellation = new CancellationTokenSource(TimeSpan.FromSeconds(1));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => IntegrityChecker.CheckAsync(database.Connection, Shop.Model, cancellation.Token).ToListAsync().AsTask());

        Assert.Equal(0, await database.ScalarAsync<long>(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"));
    }

    private static async Task<List<IntegrityResult>> CheckAsync(DatabaseConnection connection, StreamModel model) =>
        await IntegrityChecker.CheckAsync(connection, model, CancellationToken.None).ToListAsync();
}
