using System.Diagnostics;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Connections that break or hang where it hurts most, on a real server behind a proxy.</summary>
[Collection(SharedPostgres.Name)]
public sealed class CutConnectionTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData(ProxyFault.CutBeforeCommit, false)]
    [InlineData(ProxyFault.CutBeforeCommit, true)]
    [InlineData(ProxyFault.CutAfterCommit, false)]
    [InlineData(ProxyFault.CutAfterCommit, true)]
    [InlineData(ProxyFault.CutInCopy, true)]
    [InlineData(ProxyFault.HangAtCommit, false)]
    [InlineData(ProxyFault.HangInCopy, true)]
    public async Task A_batch_is_loaded_exactly_once(ProxyFault fault, bool large)
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), fault);
        await using var connection = Through(proxy, database);
        var options = large ? BatchHelper.Large : BatchHelper.Small;
        if (fault is ProxyFault.HangAtCommit or ProxyFault.HangInCopy)
        {
            // Long enough that a busy machine is not taken for a server that hangs.
            options = options with { StallTimeout = TimeSpan.FromSeconds(8) };
        }

        var events = new EventList();

        var result = await BatchHelper.LoadAsync(connection, options, events);

        Assert.Equal(1, proxy.Happened);
        Assert.Equal((options.TotalRows, 1, false), (result.TotalRows, result.Retries, result.AlreadyLoaded));
        Assert.NotNull(Assert.Single(events.Retries).Error);
        Assert.Equal(1L, await database.CountAsync(LedgerTable.Name));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Theory]
    [InlineData(ProxyFault.CutBeforeCommit)]
    [InlineData(ProxyFault.CutAfterCommit)]
    public async Task Every_part_of_a_large_batch_is_loaded_exactly_once(ProxyFault fault)
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), fault, times: 5);
        await using var connection = Through(proxy, database);

        var result = await BatchHelper.LoadAsync(connection, BatchHelper.Large with { ChunkSize = 2000, Parallel = 2, MaxRetry = 10 });

        Assert.Equal((7, 14_000L, 5), (result.Chunks, result.TotalRows, result.Retries));
        Assert.Equal(5L, await database.ScalarAsync<long>($"SELECT sum(retries) FROM {database.Connection.Quote(LedgerTable.Name)}")
            + (fault == ProxyFault.CutAfterCommit ? 5 : 0));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Without_retries_the_first_cut_is_an_error_and_nothing_stays()
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutBeforeCommit);
        await using var connection = Through(proxy, database);

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(connection, BatchHelper.Small with { MaxRetry = 0 }));

        Assert.Equal("ConnectionBroken", error.ErrorId);
        Assert.Equal(0L, await database.CountAsync(LedgerTable.Name));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task Retries_end_when_their_time_is_up()
    {
        await using var database = await CreateAsync();
        await using var proxy = new FaultyProxy(database.Settings(), ProxyFault.CutBeforeCommit, times: 1000);
        await using var connection = Through(proxy, database);
        var clock = Stopwatch.StartNew();

        await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(
            connection, BatchHelper.Small with { MaxRetry = 1000, RetryTimeout = TimeSpan.FromSeconds(1) }));

        // A thousand retries would take hours.
        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(2));
        await BatchHelper.AssertSoundAsync(database.Connection);
    }

    [Fact]
    public async Task The_next_host_takes_over_when_one_is_gone()
    {
        await using var database = await CreateAsync();
        await using var first = new FaultyProxy(database.Settings());
        await using var second = new FaultyProxy(database.Settings());
        var settings = first.Through(database.Settings());
        settings.Host = $"127.0.0.1:{first.Port},127.0.0.1:{second.Port}";
        await using var connection = new DatabaseConnection(settings, database.Connection.Schema, ConnectionSource.Parameter);

        await BatchHelper.LoadAsync(connection, BatchHelper.Small);
        first.Die();
        var result = await BatchHelper.LoadAsync(connection, BatchHelper.Small);

        Assert.Equal(140, result.TotalRows);
        Assert.Equal(2L, await database.CountAsync(LedgerTable.Name));
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
