using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Integrity;

/// <summary>Checks of the rows of some batches only, found by what the ledger says of their keys.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BatchCheckTests(PostgresFixture postgres)
{
    private const string NoOne = "00000000-0000-7000-8000-000000000000";

    [Fact]
    public async Task Only_rows_of_the_batches_asked_for_are_checked()
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        var first = await LoadAsync(database, chunkSize: 100_000);
        var second = await LoadAsync(database, chunkSize: 50);
        await database.ExecuteAsync(
            $"""
            SET session_replication_role = replica;
            UPDATE streaming.detailed_transactions SET transaction_id = '{NoOne}' WHERE id = (SELECT min(id) FROM streaming.detailed_transactions);
            UPDATE streaming.transactions SET amount = amount + 1 WHERE transaction_id = (SELECT transaction_id FROM streaming.detailed_transactions ORDER BY id DESC LIMIT 1);
            UPDATE streaming.users SET age = 200 WHERE user_id = (SELECT user_id FROM streaming.users ORDER BY user_id LIMIT 1)
            """);

        Assert.Equal(
            ["ForeignKey detailed_transactions.transaction_id -> transactions.transaction_id", "Range users.age"],
            (await FindAsync(database, new IntegrityOptions { Batches = [first.BatchId] })).Where(check => !check.StartsWith("Amount", StringComparison.Ordinal)).Order());
        Assert.Equal(["Amount transactions.amount = sum of detailed_transactions"], await FindAsync(database, new IntegrityOptions { Batches = [second.BatchId] }));
        Assert.Equal(3, (await FindAsync(database, new IntegrityOptions { Batches = [first.BatchId, second.BatchId] })).Distinct().Count());
        Assert.Equal(
            ["Amount transactions.amount = sum of detailed_transactions"], await FindAsync(database, new IntegrityOptions { Since = first.CommittedAt!.Value.AddMilliseconds(1) }));
        Assert.All(
            await CheckAsync(database, new IntegrityOptions { Since = DateTime.UtcNow.AddDays(1), Checks = ["ForeignKey *", "Range *"] }),
            result => Assert.Equal(IntegrityStatus.NothingToCheck, result.Status));
        var unknown = await Assert.ThrowsAsync<StreamingException>(() => CheckAsync(database, new IntegrityOptions { Batches = [Guid.NewGuid()] }));
        Assert.Equal(ErrorIds.BatchUnknown, unknown.ErrorId);
    }

    [Fact]
    public async Task Tables_with_imported_rows_are_checked_whole()
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        await LoadAsync(database, chunkSize: 100_000);
        await database.ExecuteAsync("UPDATE streaming.users SET age = 200 WHERE user_id = (SELECT user_id FROM streaming.users LIMIT 1)");
        var since = DateTime.UtcNow;
        await using (var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None))
        {
            import.Add(MetadataReader.Default.Tables[0], [Guid.NewGuid(), "Name", "name@example.com", 30, "City", new DateTime(2025, 1, 1)]);
            await import.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(["Range users.age"], await FindAsync(database, new IntegrityOptions { Since = since }));
    }

    [Fact]
    public async Task Tables_with_updated_rows_are_checked_whole()
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        await LoadAsync(database, chunkSize: 100_000);
        var since = DateTime.UtcNow;
        var user = await database.ScalarAsync<Guid>("SELECT user_id FROM streaming.users LIMIT 1");
        var options = new ImportOptions { OnConflict = ConflictAction.Update };
        await using (var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None))
        {
            import.Add(MetadataReader.Default.Tables[0], [user, "Name", "name@example.com", 200, "City", new DateTime(2025, 1, 1)]);
            await import.CompleteAsync(CancellationToken.None);
        }

        Assert.Equal(["Range users.age"], await FindAsync(database, new IntegrityOptions { Since = since }));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Addresses_of_a_batch_are_held_against_all_and_no_others(bool hasIndex)
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        var first = await LoadAsync(database, chunkSize: 100_000);
        var second = await LoadAsync(database, chunkSize: 100_000);
        var third = await LoadAsync(database, chunkSize: 100_000);
        await database.ExecuteAsync(
            $"""
            {(hasIndex ? "CREATE INDEX ON streaming.users (email);" : "")}
            UPDATE streaming.users SET email = 'one@example.com' WHERE user_id IN (
                (SELECT user_id FROM streaming.users ORDER BY user_id LIMIT 2) UNION ALL (SELECT user_id FROM streaming.users ORDER BY user_id OFFSET 10 LIMIT 1))
            """);

        foreach (var (batch, count) in new[] { (first, 2), (second, 2), (third, 0) })
        {
            var result = Assert.Single(await CheckAsync(database, new IntegrityOptions { Batches = [batch.BatchId], Checks = ["Unique *"] }));
            Assert.Equal((count, count > 0 ? IntegrityStatus.Broken : IntegrityStatus.Passed), (result.Count, result.Status));
            Assert.Equal(count > 0 ? ["one@example.com"] : [], result.SampleKeys);
        }
    }

    [Fact]
    public async Task A_reference_to_a_row_from_before_is_looked_up_although_its_parent_agrees()
    {
        await using var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        await LoadAsync(database, chunkSize: 100_000);
        var second = await LoadAsync(database, chunkSize: 100_000);
        await database.ExecuteAsync(
            $"""
            SET session_replication_role = replica;
            UPDATE streaming.transactions SET user_id = '{NoOne}' WHERE transaction_id = (SELECT min(transaction_id::text)::uuid FROM streaming.transactions);
            UPDATE streaming.detailed_transactions SET user_id = '{NoOne}', transaction_id = (SELECT min(transaction_id::text)::uuid FROM streaming.transactions)
            WHERE id = (SELECT max(id) FROM streaming.detailed_transactions)
            """);

        Assert.Equal(
            ["ForeignKey detailed_transactions.user_id -> users.user_id"],
            (await FindAsync(database, new IntegrityOptions { Batches = [second.BatchId] })).Where(check => check.StartsWith("ForeignKey", StringComparison.Ordinal)));
    }

    private static Task<BatchResult> LoadAsync(TestDatabase database, int chunkSize) => BatchRunner.RunAsync(
        database.Connection,
        MetadataReader.Default,
        new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30, ["detailed_transactions"] = 100 },
            ChunkSize = chunkSize,
            ExistingRatio = 0,
        },
        progress: null,
        CancellationToken.None);

    private static async Task<IEnumerable<string>> FindAsync(TestDatabase database, IntegrityOptions options) =>
        (await CheckAsync(database, options)).Where(result => result.Status >= IntegrityStatus.Broken).Select(result => result.Check);

    private static async Task<List<IntegrityResult>> CheckAsync(TestDatabase database, IntegrityOptions options) =>
        await IntegrityChecker.CheckAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None).ToListAsync();
}
