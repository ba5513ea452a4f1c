using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Records;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Commits whose answer is lost and that nobody repeats: the ledger is asked what became of them.</summary>
[Collection(SharedPostgres.Name)]
public sealed class CommitInDoubtTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(ProxyFault.HangAfterCommit, 1)]
    [InlineData(ProxyFault.HangAtCommit, 0)]
    public async Task A_stream_that_is_stopped_while_its_commit_is_unanswered_reports_what_became_of_it(ProxyFault fault, int loaded)
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), fault);
        await using var connection = Through(proxy, database);
        var options = new StreamOptions { Batch = BatchHelper.Small, BatchesPerSecond = 1, MaxBatches = 3 };
        var runner = new StreamRunner(connection, MetadataReader.Default, options, events: null, progress: null);
        using var stop = new CancellationTokenSource();
        var results = new List<BatchResult>();
        var streaming = Task.Run(async () =>
        {
            await foreach (var result in runner.RunAsync(stop.Token))
            {
                results.Add(result);
            }
        });
        while (proxy.Happened == 0)
        {
            await Task.Delay(20);
        }

        await stop.CancelAsync();

        // Long before its patience with a silent server, ten minutes, is at an end.
        await streaming.WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal((loaded, StreamStopReason.Stopped), (results.Count, runner.Summary.StopReason));
        Assert.Equal(loaded, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'batch'"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task A_batch_that_was_committed_is_no_failure_even_when_nothing_is_repeated()
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutAfterCommit);
        await using var connection = Through(proxy, database);

        var result = await BatchHelper.LoadAsync(connection, BatchHelper.Small with { MaxRetry = 0 });

        Assert.Equal((140L, false), (result.TotalRows, result.AlreadyLoaded));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Where_the_server_cannot_be_asked_the_error_says_so()
    {
        await using var database = await CreateAsync();
        var proxy = new FaultyProxy(database.Settings(), ProxyFault.HangAfterCommit);
        await using var connection = Through(proxy, database);
        var loading = BatchHelper.LoadAsync(connection, BatchHelper.Small with { MaxRetry = 0 });
        while (proxy.Happened == 0)
        {
            await Task.Delay(20);
        }

        await proxy.DisposeAsync();
        var error = await Assert.ThrowsAsync<StreamingException>(() => loading);

        Assert.Equal("CommitUnknown", error.ErrorId);
        Assert.Contains($"Get-StreamingBatch {error.Target}", error.Remedy, StringComparison.Ordinal);
    }

    /// <summary>The server takes connections and never answers: who stops the work meanwhile does not wait for all the time that there is to ask.</summary>
    [Fact]
    public async Task The_question_about_a_commit_ends_soon_after_a_stop()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var settings = new NpgsqlConnectionStringBuilder { Host = "127.0.0.1", Port = ((IPEndPoint)silent.LocalEndpoint).Port, Username = "nobody", Database = "none" };
        await using var connection = new DatabaseConnection(settings, "streaming", ConnectionSource.Parameter);
        var claim = new LedgerClaim { BatchId = Guid.NewGuid(), Chunk = 0, Chunks = 1, Seed = 1, ReferenceTime = DateTime.UtcNow };
        using var stop = new CancellationTokenSource();
        var asking = CommitInDoubt.WasCommittedAsync(connection, claim, new DeadBackend(), time: null, stop.Token);

        var clock = Stopwatch.StartNew();
        await stop.CancelAsync();

        Assert.Null(await asking.WaitAsync(TestProcess.Patience));
        await StreamingPgProgram.AssertInTimeAsync(clock.Elapsed, TimeSpan.FromSeconds(5), "The question");
    }

    [Theory]
    [InlineData(100_000, "whether batch")]
    [InlineData(100, "whether chunk 1 of batch")]
    public async Task A_batch_that_is_stopped_at_its_commit_says_in_plain_words_how_to_go_on(int chunkSize, string words)
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.HangAtCommit);
        await using var connection = Through(proxy, database);
        using var stop = new CancellationTokenSource();
        var events = new EventList();
        var loading = BatchRunner.RunAsync(
            connection, MetadataReader.Default, BatchHelper.Small with { ChunkSize = chunkSize }, null, events, stop.Token, stop.Token);
        while (proxy.Happened == 0)
        {
            await Task.Delay(20, CancellationToken.None);
        }

        proxy.Refuse();
        await stop.CancelAsync();
        var error = await Assert.ThrowsAsync<StreamingException>(() => loading);

        Assert.Equal("CommitUnknown", error.ErrorId);
        Assert.Contains(words, error.Problem, StringComparison.Ordinal);
        Assert.Contains($"{error.Target}", error.Problem, StringComparison.Ordinal);
        Assert.DoesNotContain("canceled", error.Message, StringComparison.Ordinal);
        Assert.Equal(chunkSize == 100, error.Remedy.Contains($"-Resume -BatchId {error.Target}", StringComparison.Ordinal));
        Assert.Empty(events.Retries);
    }

    [Theory]
    [InlineData(ProxyFault.CutInCopy, false)]
    [InlineData(ProxyFault.CutBeforeCommit, false)]
    [InlineData(ProxyFault.CutAfterCommit, true)]
    public async Task An_import_says_whether_it_stays(ProxyFault fault, bool stays)
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), fault);
        await using var connection = Through(proxy, database);
        var users = MetadataReader.Default.Table("users");
        await using var importer = await RowImporter.BeginAsync(connection, MetadataReader.Default, CancellationToken.None);
        async Task<IReadOnlyList<ImportResult>> ImportAsync()
        {
            foreach (var user in RecordGenerator.MakeUsers(20_000, new GenerationOptions { Seed = 3 }))
            {
                importer.Add(users, [user.UserId, user.Name, user.Email, user.Age, user.City, user.RegistrationDate]);
            }

            return await importer.CompleteAsync(CancellationToken.None);
        }

        if (stays)
        {
            Assert.Equal(20_000, Assert.Single(await ImportAsync()).Rows);
        }
        else
        {
            var error = await Assert.ThrowsAsync<StreamingException>(ImportAsync);
            Assert.Equal(("ConnectionBroken", "Nothing was imported; run it again."), (error.ErrorId, error.Remedy));
        }

        Assert.Equal(1, proxy.Happened);
        Assert.Equal(stays ? 20_000L : 0L, await database.CountAsync("users"));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }

    private static DatabaseConnection Through(FaultyProxy proxy, TestDatabase database) =>
        new(proxy.Through(database.Settings()), database.Connection.Schema, ConnectionSource.Parameter);
}
