using StreamingPg.Core.Clearing;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Clearing;

/// <summary>What StreamingPg loaded and made is removed, and nothing else.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ClearingTests(PostgresFixture postgres)
{
    private static readonly StreamModel Model = MetadataReader.Default;

    [Fact]
    public async Task Cleared_tables_are_as_new_and_rows_of_others_are_not_removed_without_being_told_to()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InitializeAsync(database.Connection, Model);
        await LoadAsync(database.Connection);
        var first = await ContentAsync(database);

        await database.ExecuteAsync("INSERT INTO streaming.users (user_id, name) VALUES (gen_random_uuid(), 'mine')");
        var error = await Assert.ThrowsAsync<StreamingException>(() => ClearAsync(database.Connection));
        Assert.Equal("RowsNotLoadedByUs", error.ErrorId);
        Assert.Contains("1 of \"users\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(21, await CountAsync(database, "users"));

        var cleared = await ClearAsync(database.Connection, force: true);
        Assert.Equal(["detailed_transactions", "transactions", "users"], cleared.Select(table => table.Table));
        Assert.Equal(21, cleared[2].Removed);
        Assert.Equal(0, await CountAsync(database, "users") + await CountAsync(database, "batch_ledger"));

        // The same seed gives the same rows, numbers of the sequence included.
        await LoadAsync(database.Connection);
        Assert.Equal(first, await ContentAsync(database));

        Assert.True((await TableClearer.ClearAsync(database.Connection, Model, planOnly: true, force: false, CancellationToken.None)).All(table => table.CountedOnly));
        Assert.Equal(20, await CountAsync(database, "users"));
    }

    [Fact]
    public async Task Tables_in_use_are_not_cleared()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InitializeAsync(database.Connection, Model);
        await using var other = await Session.BeginAsync(database.Connection, SessionKind.Write, CancellationToken.None);
        await other.QueryAsync("SELECT count(*) FROM streaming.users", _ => { }, CancellationToken.None);

        var error = await Assert.ThrowsAsync<StreamingException>(() => ClearAsync(database.Connection));
        Assert.Equal("TablesInUse", error.ErrorId);
    }

    [Fact]
    public async Task A_removed_schema_leaves_what_others_made()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await InitializeAsync(database.Connection, Model);
        await LoadAsync(database.Connection);

        var plan = await RemoveAsync(database.Connection, planOnly: true);
        Assert.Equal(5, plan.Count(change => change.Action == SchemaAction.WouldRemove));
        Assert.Equal(20, await CountAsync(database, "users"));

        // A view on a table is somebody's.
        await database.ExecuteAsync("CREATE VIEW public.names AS SELECT name FROM streaming.users");
        var error = await Assert.ThrowsAsync<StreamingException>(() => RemoveAsync(database.Connection));
        Assert.Contains("names", error.Message, StringComparison.Ordinal);
        Assert.Equal(20, await CountAsync(database, "users"));
        await database.ExecuteAsync("DROP VIEW public.names; CREATE TABLE streaming.theirs (id int)");

        var removed = await RemoveAsync(database.Connection);
        Assert.Equal(SchemaAction.Unchanged, removed.Single(change => change.Kind == "schema").Action);
        Assert.Equal(4, removed.Count(change => change.Action == SchemaAction.Removed));
        Assert.Equal(0, await CountAsync(database, "theirs"));

        await database.ExecuteAsync("DROP TABLE streaming.theirs");
        Assert.Equal(SchemaAction.Removed, (await RemoveAsync(database.Connection)).Single().Action);
        Assert.Empty(await RemoveAsync(database.Connection));
    }

    [Fact]
    public async Task Tables_that_nothing_shows_to_be_ours_are_not_dropped()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE TABLE streaming.users (id int)");
        var error = await Assert.ThrowsAsync<StreamingException>(() => RemoveAsync(database.Connection));
        Assert.Equal("TableNotOurs", error.ErrorId);
        await database.ExecuteAsync("INSERT INTO streaming.users VALUES (1)");
        error = await Assert.ThrowsAsync<StreamingException>(() => RemoveAsync(database.Connection));
        Assert.Equal("RowsNotLoadedByUs", error.ErrorId);
        Assert.Equal(1, await CountAsync(database, "users"));
    }

    private static Task<IReadOnlyList<SchemaChange>> InitializeAsync(DatabaseConnection connection, StreamModel model) =>
        SchemaInitializer.InitializeAsync(connection, model, planOnly: false, CancellationToken.None);

    private static Task<BatchResult> LoadAsync(DatabaseConnection connection) => BatchRunner.RunAsync(
        connection,
        Model,
        new BatchOptions { Seed = 42, Rows = new Dictionary<string, long> { ["users"] = 20, ["transactions"] = 40, ["detailed_transactions"] = 80 } },
        progress: null,
        CancellationToken.None);

    private static Task<IReadOnlyList<RemovalResult>> ClearAsync(DatabaseConnection connection, bool force = false) =>
        TableClearer.ClearAsync(connection, Model, planOnly: false, force, CancellationToken.None);

    private static Task<IReadOnlyList<SchemaChange>> RemoveAsync(DatabaseConnection connection, bool planOnly = false) =>
        SchemaRemover.RemoveAsync(connection, Model, planOnly, force: false, CancellationToken.None);

    private static Task<long> CountAsync(TestDatabase database, string table) => database.ScalarAsync<long>($"SELECT count(*) FROM streaming.{table}");

    private static Task<string> ContentAsync(TestDatabase database) => database.ScalarAsync<string>(
        """
        SELECT md5(concat((SELECT string_agg(u::text, ',' ORDER BY user_id) FROM streaming.users u), (SELECT string_agg(d::text, ',' ORDER BY id) FROM streaming.detailed_transactions d)))
        """);
}
