using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Large batches that stopped midway.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ResumeTests(PostgresFixture postgres)
{
    private static readonly BatchOptions Options = BatchHelper.Of(300, 900, 4000) with { ChunkSize = 1000, Seed = 42, BatchId = Guid.NewGuid() };

    [Fact]
    public async Task A_resumed_batch_has_the_rows_of_an_undisturbed_one()
    {
        await using var undisturbed = await CreateAsync();
        await using var disturbed = await CreateAsync();
        await BatchHelper.LoadAsync(undisturbed.Connection, Options);
        await StopMidwayAsync(disturbed);

        await using var later = disturbed.Connect(disturbed.Connection.Schema);
        var resumed = await BatchHelper.LoadAsync(later, BatchHelper.Small with { BatchId = Options.BatchId, Resume = true });

        Assert.Equal((5200L, 7, false), (resumed.TotalRows, resumed.Chunks, resumed.AlreadyLoaded));
        Assert.InRange(resumed.RowsLoadedBefore, 1, 5199);
        foreach (var table in MetadataReader.Default.Tables)
        {
            var hash = $"SELECT md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {disturbed.Connection.Quote(table.Name)} AS t";
            Assert.Equal(await undisturbed.ScalarAsync<string>(hash), await disturbed.ScalarAsync<string>(hash));
        }

        await BatchHelper.AssertSoundAsync(disturbed.Connection);
    }

    [Fact]
    public async Task A_batch_that_stopped_midway_is_not_taken_for_loaded()
    {
        await using var database = await CreateAsync();
        await StopMidwayAsync(database);

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(database.Connection, Options));

        Assert.Equal("BatchIncomplete", error.ErrorId);
        Assert.Contains("-Resume", error.Remedy, StringComparison.Ordinal);
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_batch_that_nobody_knows_is_not_resumed()
    {
        await using var database = await CreateAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => BatchHelper.LoadAsync(database.Connection, Options with { BatchId = Guid.NewGuid(), Resume = true }));

        Assert.Equal(("BatchUnknown", StreamingErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Equal(50, await database.CountAsync("users"));
    }

    [Fact]
    public async Task A_cancelled_batch_says_which_chunks_are_there_and_is_resumed()
    {
        await using var database = await CreateAsync();
        await database.ExecuteAsync($"""
            CREATE FUNCTION streaming.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.part = 2 THEN PERFORM pg_sleep(120); END IF; RETURN NEW; END $$;
            CREATE TRIGGER wait BEFORE INSERT ON {database.Connection.Quote(LedgerTable.Name)} FOR EACH ROW EXECUTE FUNCTION streaming.wait();
            """);
        using var cancel = new CancellationTokenSource();
        var loading = BatchRunner.RunAsync(database.Connection, MetadataReader.Default, Options with { ForeignKeyCheck = ForeignKeyCheck.Row }, progress: null, cancel.Token);
        while (await database.ScalarAsync<long>($"SELECT count(*) FROM {database.Connection.Quote(LedgerTable.Name)} WHERE parts > 1") < 2 && !loading.IsCompleted)
        {
            await Task.Delay(50, CancellationToken.None);
        }

        await cancel.CancelAsync();
        var cancelled = await Assert.ThrowsAsync<BatchCancelledException>(() => loading);

        Assert.Equal((Options.BatchId, 7), (cancelled.Chunks.BatchId, cancelled.Chunks.Count));
        Assert.Equal([1, 2], cancelled.Chunks.Loaded);
        Assert.Contains($"-Resume -BatchId {Options.BatchId}", cancelled.Message, StringComparison.Ordinal);
        Assert.Contains($"--resume --batch-id {Options.BatchId}", cancelled.Message, StringComparison.Ordinal);

        await database.ExecuteAsync($"DROP TRIGGER wait ON {database.Connection.Quote(LedgerTable.Name)}");
        var resumed = await BatchHelper.LoadAsync(database.Connection, Options with { Resume = true });
        Assert.Equal((5200L, 7), (resumed.TotalRows, resumed.Chunks));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_batch_whose_parents_are_gone_says_so()
    {
        await using var database = await CreateAsync();
        await StopMidwayAsync(database);
        await database.ExecuteAsync($"""
            SET session_replication_role = replica;
            DELETE FROM {database.Connection.Quote("users")} WHERE registration_date < (SELECT min(reference_time) FROM {database.Connection.Quote(LedgerTable.Name)});
            SET session_replication_role = origin;
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(
            database.Connection, Options with { Resume = true, ForeignKeyCheck = ForeignKeyCheck.Set }));

        Assert.Equal("ParentGone", error.ErrorId);
    }

    [Fact]
    public async Task A_complete_batch_is_already_loaded_with_all_its_parts()
    {
        await using var database = await CreateAsync();
        var first = await BatchHelper.LoadAsync(database.Connection, Options);
        var again = await BatchHelper.LoadAsync(database.Connection, Options);

        Assert.True(again.AlreadyLoaded);
        Assert.Equal((first.BatchNumber, first.TotalRows, first.Chunks), (again.BatchNumber, again.TotalRows, again.Chunks));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    /// <summary>A database with users to refer to, the same every time.</summary>
    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        await BatchHelper.LoadAsync(database.Connection, BatchHelper.Of(50, 0, 0) with { Seed = 7 });
        return database;
    }

    /// <summary>Loads two parts; the third is refused.</summary>
    private static async Task StopMidwayAsync(TestDatabase database)
    {
        await database.ExecuteAsync($"""
            CREATE FUNCTION streaming.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.part = 2 THEN RAISE SQLSTATE '23514'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON {database.Connection.Quote(LedgerTable.Name)} FOR EACH ROW EXECUTE FUNCTION streaming.refuse();
            """);
        var error = await Assert.ThrowsAsync<StreamingException>(
            () => BatchHelper.LoadAsync(database.Connection, Options with { ForeignKeyCheck = ForeignKeyCheck.Row }));
        Assert.Contains($"Of the 7 chunks of batch {Options.BatchId}, 2 are committed (1-2).", error.Problem, StringComparison.Ordinal);
        Assert.Contains($"-Resume -BatchId {Options.BatchId}", error.Remedy, StringComparison.Ordinal);
        await database.ExecuteAsync($"DROP TRIGGER refuse ON {database.Connection.Quote(LedgerTable.Name)}");
        Assert.Equal(2L, await database.ScalarAsync<long>(
            $"SELECT count(*) FROM {database.Connection.Quote(LedgerTable.Name)} WHERE parts > 1"));
    }
}
