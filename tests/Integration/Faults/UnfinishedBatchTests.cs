using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Retention;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>What a large batch that stopped midway needs to be completed, or closed.</summary>
[Collection(SharedPostgres.Name)]
public sealed class UnfinishedBatchTests(PostgresFixture postgres)
{
    private static readonly BatchOptions Options = BatchHelper.Of(0, 900, 4000) with { ChunkSize = 1000, Seed = 42 };

    [Theory]
    [InlineData(ForeignKeyCheck.Set)]
    [InlineData(ForeignKeyCheck.Row)]
    public async Task Retention_keeps_its_parents_so_that_it_can_be_completed(ForeignKeyCheck check)
    {
        await using var database = await CreateAsync();
        var batch = Options with { BatchId = Guid.NewGuid(), ForeignKeyCheck = check };
        await StopMidwayAsync(database, batch);
        var options = new RetentionOptions { Before = DateTime.UtcNow.AddDays(1) };
        var counted = (await RetentionRunner.CountAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None)).Single(table => table.Table == "users");

        var removed = (await RemovalHelper.RemoveAsync(database.Connection, options))["users"];

        Assert.Equal((50L, counted.Removed), (removed.Examined, removed.Removed));
        Assert.InRange(removed.Kept, 1, 50);
        var resumed = await BatchHelper.LoadAsync(database.Connection, batch with { Resume = true });
        Assert.Equal(4900, resumed.TotalRows);
        await RemovalHelper.RemoveAsync(database.Connection, options);
        Assert.Equal(0, await database.CountAsync("users"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_parent_that_somebody_removed_is_named_in_either_way_of_verification()
    {
        await using var database = await CreateAsync();
        var batch = Options with { BatchId = Guid.NewGuid(), ForeignKeyCheck = ForeignKeyCheck.Row };
        await StopMidwayAsync(database, batch);
        await database.ExecuteAsync("DELETE FROM streaming.detailed_transactions; DELETE FROM streaming.transactions; DELETE FROM streaming.users");

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(database.Connection, batch with { Resume = true }));

        Assert.Equal("ParentGone", error.ErrorId);
        Assert.Contains("Close-StreamingBatch", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ledger_says_what_is_missing_until_the_batch_is_closed()
    {
        await using var database = await CreateAsync();
        var id = Guid.NewGuid();
        await StopMidwayAsync(database, Options with { BatchId = id });
        var program = StreamingPgProgram.On(database.Settings());

        var entry = Assert.Single(await ReadAsync(database, LedgerStatus.Incomplete));
        Assert.Equal((5, 2), (entry.Chunks, entry.ChunksLoaded));
        Assert.Equal([3, 4, 5], entry.MissingChunks);
        Assert.Equal(4900, entry.TotalRows + entry.MissingRows.Sum(table => table.Rows));
        Assert.Contains("lacks chunks 3, 4, 5 of 5", (await program.RunAsync("ledger")).Expect(0).Output, StringComparison.Ordinal);

        var planned = (await program.RunAsync("close", "--batch-id", $"{id}", "--what-if")).Expect(0);
        Assert.Contains("would close", planned.Output, StringComparison.Ordinal);
        Assert.Single(await ReadAsync(database, LedgerStatus.Incomplete));

        (await program.RunAsync("close", "--batch-id", $"{id}")).Expect(0);
        Assert.Empty(await ReadAsync(database, LedgerStatus.Incomplete));
        var closed = Assert.Single(await ReadAsync(database, LedgerStatus.Closed));
        Assert.Equal((id, entry.TotalRows, entry.CommittedAt, 2), (closed.BatchId, closed.TotalRows, closed.CommittedAt, closed.ChunksLoaded));
        Assert.Empty(closed.MissingChunks);
        await BatchHelper.AssertSoundAsync(database.Connection);

        foreach (var resume in new[] { true, false })
        {
            var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(database.Connection, Options with { BatchId = id, Resume = resume }));
            Assert.Equal("BatchClosed", error.ErrorId);
        }
    }

    [Fact]
    public async Task Closing_removes_the_rows_of_the_batch_and_no_others()
    {
        await using var database = await CreateAsync();
        var id = Guid.NewGuid();
        var batch = BatchHelper.Of(300, 900, 4000) with { ChunkSize = 1000, BatchId = id };
        await StopMidwayAsync(database, batch);
        var kept = await database.ScalarAsync<Guid>("SELECT user_id FROM streaming.transactions JOIN streaming.users u USING (user_id) ORDER BY u.user_id DESC LIMIT 1");
        var mine = Guid.NewGuid();
        await database.ExecuteAsync("INSERT INTO streaming.transactions (transaction_id, user_id, amount) VALUES ($1, $2, 1)", mine, kept);
        await database.ExecuteAsync("UPDATE streaming.batch_ledger SET rows = rows || '{\"transactions\": 1}' WHERE kind = 'batch' AND parts = 1");

        var closed = await BatchCloser.CloseAsync(database.Connection, MetadataReader.Default, id, ClosedRows.Remove, CancellationToken.None);

        Assert.Equal(closed.Loaded.OrderBy(table => table.Table), closed.Removed.Select(table => new TableCount(table.Table, table.Examined)).OrderBy(table => table.Table));
        Assert.Equal(1, closed.Removed.Single(table => table.Table == "users").Kept);
        Assert.Equal((51L, 1L, 0L), (await database.CountAsync("users"), await database.CountAsync("transactions"), await database.CountAsync("detailed_transactions")));
        Assert.Equal(mine, await database.ScalarAsync<Guid>("SELECT transaction_id FROM streaming.transactions"));
        await BatchHelper.AssertSoundAsync(database.Connection);

        // Once nobody refers to it any more, closing again removes the rest.
        await database.ExecuteAsync("DELETE FROM streaming.transactions");
        await database.ExecuteAsync("UPDATE streaming.batch_ledger SET rows = rows - 'transactions' WHERE kind = 'batch' AND parts = 1");
        await BatchCloser.CloseAsync(database.Connection, MetadataReader.Default, id, ClosedRows.Remove, CancellationToken.None);
        Assert.Equal(50, await database.CountAsync("users"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Rows_whose_keys_are_no_range_are_removed_key_by_key()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "shops": { "columns": { "code": { "type": "VARCHAR(40)", "primary_key": true }, "name": { "type": "VARCHAR(40)" } }, "rows_per_batch": 300 },
              "goods": { "columns": { "id": { "type": "UUID", "primary_key": true }, "name": { "type": "VARCHAR(40)" } }, "rows_per_batch": 300 },
              "stock": { "columns": { "code": { "type": "VARCHAR(40)", "primary_key": true, "foreign_key": { "table": "shops", "column": "code" } },
                                      "id": { "type": "UUID", "primary_key": true, "foreign_key": { "table": "goods", "column": "id" } } }, "rows_per_batch": 900 } }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var rows = model.Tables.ToDictionary(table => table.Name, table => table.Name == "stock" ? 900L : 300L);
        await Core.Loading.Batches.BatchRunner.RunAsync(database.Connection, model, new BatchOptions { Rows = rows }, null, CancellationToken.None);
        var batch = new BatchOptions { Rows = rows, ChunkSize = 500, BatchId = Guid.NewGuid() };
        await StopMidwayAsync(database, batch, model);

        var closed = await BatchCloser.CloseAsync(database.Connection, model, batch.BatchId!.Value, ClosedRows.Remove, CancellationToken.None);

        Assert.All(closed.Removed, table => Assert.Equal(0, table.Kept));
        Assert.Equal(closed.Loaded.Sum(table => table.Rows), closed.Removed.Sum(table => table.Removed));
        Assert.Equal((300L, 300L, 900L), (await database.CountAsync("shops"), await database.CountAsync("goods"), await database.CountAsync("stock")));
    }

    [Fact]
    public async Task What_is_complete_unknown_or_being_loaded_is_not_closed()
    {
        await using var database = await CreateAsync();
        var complete = await BatchHelper.LoadAsync(database.Connection, BatchHelper.Small);
        Assert.Equal("BatchComplete", await CloseAsync(database, complete.BatchId));
        Assert.Equal("BatchUnknown", await CloseAsync(database, Guid.NewGuid()));

        var id = Guid.NewGuid();
        await StopMidwayAsync(database, Options with { BatchId = id });
        await using var writer = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await writer.BeginTransactionAsync();
        await using (var claim = new Npgsql.NpgsqlCommand(
            $"INSERT INTO streaming.batch_ledger (batch_id, part, parts, batch_number) SELECT batch_id, 3, parts, batch_number FROM streaming.batch_ledger WHERE batch_id = '{id}' AND part = 0", writer))
        {
            await claim.ExecuteNonQueryAsync();
        }

        Assert.Equal("BatchInUse", await CloseAsync(database, id));
        Assert.Single(await ReadAsync(database, LedgerStatus.Incomplete));
    }

    private static async Task<string> CloseAsync(TestDatabase database, Guid id) => (await Assert.ThrowsAsync<StreamingException>(
        () => BatchCloser.CloseAsync(database.Connection, MetadataReader.Default, id, ClosedRows.Keep, CancellationToken.None))).ErrorId;

    private static Task<IReadOnlyList<LedgerEntry>> ReadAsync(TestDatabase database, LedgerStatus status) =>
        LedgerReader.ReadAsync(database.Connection, new LedgerFilter { Status = status }, CancellationToken.None);

    /// <summary>A database with users to refer to.</summary>
    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(50, 0, 0) with { Seed = 7 });
        return database;
    }

    /// <summary>Loads two chunks; the third is refused.</summary>
    private static async Task StopMidwayAsync(TestDatabase database, BatchOptions batch, StreamModel? model = null)
    {
        await database.ExecuteAsync("""
            CREATE FUNCTION streaming.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.part = 2 THEN RAISE SQLSTATE '23514'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON streaming.batch_ledger FOR EACH ROW EXECUTE FUNCTION streaming.refuse();
            ALTER TABLE streaming.batch_ledger ENABLE ALWAYS TRIGGER refuse;
            """);
        await Assert.ThrowsAsync<StreamingException>(() => Core.Loading.Batches.BatchRunner.RunAsync(
            database.Connection, model ?? MetadataReader.Default, batch, null, CancellationToken.None));
        await database.ExecuteAsync("DROP TRIGGER refuse ON streaming.batch_ledger; DROP FUNCTION streaming.refuse");
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE parts > 1"));
    }
}
