using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schema.SchemaProbe;

namespace StreamingPg.Tests.Integration.Schema;

[Collection(SharedPostgres.Name)]
public sealed class SchemaInitializerTests(PostgresFixture postgres)
{
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
    public async Task Checks_and_indexes_of_metadata_are_created()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "t": { "checks": ["n > 0 -- really", { "name": "short", "expression": "length(s) < 3" }],
                     "indexes": [["s", "n"], { "columns": ["n"], "unique": true }],
                     "columns": { "id": { "type": "INTEGER", "primary_key": true }, "n": { "type": "INTEGER" }, "s": { "type": "TEXT" } } } }
            """);

        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);

        Assert.Equal(
            ["short", "t_n_check"],
            (await database.QueryAsync("SELECT conname::text FROM pg_constraint WHERE contype = 'c' AND conrelid = 'streaming.t'::regclass ORDER BY 1")).Select(row => row[0]));
        Assert.Equal(
            ["t_n_key", "t_pkey", "t_s_n_idx"],
            (await database.QueryAsync("SELECT indexname::text FROM pg_indexes WHERE tablename = 't' ORDER BY 1")).Select(row => row[0]));
        var again = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        Assert.All(again, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
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
}
