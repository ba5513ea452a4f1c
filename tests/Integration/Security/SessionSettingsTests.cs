using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>What role and database have set does not change what our statements mean; what is the user's own keeps it.</summary>
[Collection(SecondPostgres.Name)]
public sealed class SessionSettingsTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("quote_all_identifiers", "on")]
    [InlineData("standard_conforming_strings", "off")]
    [InlineData("idle_in_transaction_session_timeout", "1ms")]
    [InlineData("datestyle", "SQL, DMY")]
    [InlineData("intervalstyle", "sql_standard")]
    [InlineData("bytea_output", "escape")]
    [InlineData("row_security", "off")]
    public async Task A_setting_of_the_database_changes_nothing(string setting, string value)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync($"ALTER DATABASE {database.Name} SET {setting} = '{value.Replace(", ", "', '", StringComparison.Ordinal)}'");
        await using var connection = database.Connect(SettingsResolver.DefaultSchema);
        database.Connection.DataSource.Clear();
        await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        var again = await SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        Assert.All(again, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        await BatchHelper.LoadAsync(connection, BatchHelper.Small);
        await BatchHelper.LoadAsync(connection, BatchHelper.Large);
        await GrowthReader.ReadAsync(connection, MetadataReader.Default, TimeSpan.FromDays(1), estimate: false, CancellationToken.None);
        await foreach (var check in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, CancellationToken.None))
        {
            await Task.Delay(2); // longer than the server lets a transaction stand still
            Assert.True(check.Passed, check.Check);
        }
    }

    [Fact]
    public async Task A_commit_is_durable_whatever_the_role_has_set()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(
            $"""
            ALTER DATABASE {database.Name} SET synchronous_commit = off;
            CREATE TABLE public.seen (setting text);
            CREATE FUNCTION public.see() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO public.seen VALUES (current_setting(''synchronous_commit'')); RETURN NULL; END';
            CREATE TRIGGER see AFTER INSERT ON streaming.users EXECUTE FUNCTION public.see();
            """);
        database.Connection.DataSource.Clear();
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        Assert.Equal("on", await database.ScalarAsync<string>("SELECT DISTINCT setting FROM public.seen"));
    }

    /// <summary>As most people write them: what a trigger calls is found by the role's search path.</summary>
    [Fact]
    public async Task Triggers_have_the_search_path_of_the_role()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync(
            """
            CREATE TABLE public.audit (operation text);
            CREATE FUNCTION public.helper(operation text) RETURNS text LANGUAGE sql AS 'SELECT upper(operation)';
            CREATE FUNCTION public.audit() RETURNS trigger LANGUAGE plpgsql AS
                'BEGIN INSERT INTO audit VALUES (helper(TG_OP)); RETURN COALESCE(NEW, OLD); END';
            CREATE TRIGGER audit BEFORE INSERT OR UPDATE OR DELETE ON streaming.users FOR EACH ROW EXECUTE FUNCTION public.audit();
            CREATE CONSTRAINT TRIGGER later AFTER INSERT ON streaming.users DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION public.audit();
            """);
        var connection = database.Connection;
        var byRow = BatchHelper.Small with { ForeignKeyCheck = ForeignKeyCheck.Row };
        await BatchHelper.LoadAsync(connection, byRow);
        await BatchHelper.LoadAsync(connection, BatchHelper.Large with { ForeignKeyCheck = ForeignKeyCheck.Row });
        await ImportAsync(connection, new ImportOptions());
        await ImportAsync(connection, new ImportOptions { OnConflict = ConflictAction.Update });
        await database.ExecuteAsync("TRUNCATE streaming.detailed_transactions, streaming.transactions");
        await foreach (var _ in RetentionRunner.RunAsync(
            connection, MetadataReader.Default, new RetentionOptions { OlderThan = TimeSpan.Zero, Force = true }, null, null, CancellationToken.None))
        {
        }

        Assert.Equal(
            ["DELETE", "INSERT", "UPDATE"],
            (await database.QueryAsync("SELECT DISTINCT operation FROM public.audit ORDER BY 1")).Select(row => row[0]));
        // An upsert runs the BEFORE INSERT trigger before it finds the row to update.
        Assert.Equal((2L * (10 + 1000 + 1)) + 1, await database.ScalarAsync<long>("SELECT count(*) FROM public.audit WHERE operation = 'INSERT'"));
    }

    private static async Task ImportAsync(DatabaseConnection connection, ImportOptions options)
    {
        await using var importer = await RowImporter.BeginAsync(connection, MetadataReader.Default, options, CancellationToken.None);
        var users = MetadataReader.Default.Table("users");
        var row = users.Columns.Select(column => column.Name switch
        {
            "user_id" => (object?)Guid.Parse("0190a000-0000-7000-8000-000000000001"),
            "name" => "Ann",
            _ => null,
        }).ToArray();
        importer.Add(users, row);
        await importer.CompleteAsync(CancellationToken.None);
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }
}
