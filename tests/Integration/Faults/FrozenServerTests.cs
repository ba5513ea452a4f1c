using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.CommandLine;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>A server that stands still: its connections stay open and nothing answers, not even a request to cancel.</summary>
public sealed class FrozenServerTests
{
    private static readonly TimeSpan Promise = TimeSpan.FromSeconds(5);

    private static readonly Dictionary<string, Func<DatabaseConnection, CancellationToken, Task>> Work = new()
    {
        ["batch"] = (connection, token) => BatchRunner.RunAsync(connection, MetadataReader.Default, BatchHelper.Small, null, null, token, token),
        ["large batch"] = (connection, token) => BatchRunner.RunAsync(connection, MetadataReader.Default, BatchHelper.Large, null, null, token, token),
        ["seeded batch"] = (connection, token) =>
            BatchRunner.RunAsync(connection, MetadataReader.Default, BatchHelper.Small with { Seed = 1 }, null, null, token, token),
        ["check"] = async (connection, token) =>
        {
            await foreach (var _ in IntegrityChecker.CheckAsync(connection, MetadataReader.Default, token))
            {
            }
        },
        ["growth"] = (connection, token) => GrowthReader.ReadAsync(connection, MetadataReader.Default, TimeSpan.FromDays(1), false, token),
        ["import"] = async (connection, token) => await (await RowImporter.BeginAsync(connection, MetadataReader.Default, token)).DisposeAsync(),
        ["init"] = (connection, token) => SchemaInitializer.InitializeAsync(connection, MetadataReader.Default, false, token),
        ["prune"] = async (connection, token) =>
        {
            await foreach (var _ in RetentionRunner.RunAsync(
                connection, MetadataReader.Default, new RetentionOptions { OlderThan = TimeSpan.FromDays(1) }, null, null, token))
            {
            }
        },
        ["test"] = (connection, token) => ConnectionTester.TestAsync(connection, MetadataReader.Default, token),
    };

    [Fact]
    public async Task Every_command_can_be_stopped_within_five_seconds()
    {
        await using var server = await KillableServer.CreateAsync();
        foreach (var (name, run) in Work)
        {
            // Twice, so that everything that is remembered between two runs is.
            await run(server.Connection, CancellationToken.None);
            await run(server.Connection, CancellationToken.None);
            using var stop = new CancellationTokenSource();
            await server.FreezeAsync();
            Exception? error;
            var clock = new Stopwatch();
            try
            {
                var running = Task.Run(() => run(server.Connection, stop.Token));
                await Task.Delay(500);
                Assert.False(running.IsCompleted, $"{name} ended on a server that stands still");
                clock.Start();
                var stopping = stop.CancelAsync();
                error = await Record.ExceptionAsync(() => Task.WhenAll(running, stopping).WaitAsync(TestProcess.Patience));
                clock.Stop();
            }
            finally
            {
                await server.ThawAsync();
            }

            Assert.False(error is TimeoutException, $"{name} did not end");
            await StreamingPgProgram.AssertInTimeAsync(clock.Elapsed, Promise, $"The end of {name}");
        }

        await BatchHelper.AssertSoundAsync(server.Connection);
    }

    [Fact]
    public async Task The_stall_timeout_holds_from_the_first_command_on()
    {
        await using var server = await KillableServer.CreateAsync();
        foreach (var options in new[] { BatchHelper.Small, BatchHelper.Small with { Seed = 1 }, BatchHelper.Large })
        {
            var impatient = options with { StallTimeout = TimeSpan.FromSeconds(2), MaxRetry = 0 };
            await BatchHelper.LoadAsync(server.Connection, impatient with { StallTimeout = TimeSpan.FromMinutes(1) });
            await server.FreezeAsync();
            Exception? error;
            try
            {
                error = await Record.ExceptionAsync(() => BatchHelper.LoadAsync(server.Connection, impatient).WaitAsync(TimeSpan.FromSeconds(50)));
            }
            finally
            {
                await server.ThawAsync();
            }

            Assert.Equal("ServerTimeout", Assert.IsType<StreamingException>(error).ErrorId);
            await BatchHelper.LoadAsync(server.Connection, options);
        }

        await BatchHelper.AssertSoundAsync(server.Connection);
    }

    [Fact]
    public async Task A_session_whose_call_was_told_to_end_is_closed_and_not_used_again()
    {
        await using var server = await KillableServer.CreateAsync();
        await BatchHelper.LoadAsync(server.Connection, BatchHelper.Small);
        var session = await BatchHelper.ScalarAsync(server.Connection, "SELECT pg_backend_pid()::bigint");
        await server.FreezeAsync();
        try
        {
            var impatient = BatchHelper.Small with { StallTimeout = TimeSpan.FromMilliseconds(300), MaxRetry = 0 };
            await Assert.ThrowsAsync<StreamingException>(() => BatchHelper.LoadAsync(server.Connection, impatient).WaitAsync(TestProcess.Patience));
        }
        finally
        {
            // The answers to what was left behind arrive now, and the request to cancel it, which could hit whatever the session does next.
            await server.ThawAsync();
        }

        for (var attempt = 0; Directory.Exists($"/proc/{session}"); attempt++)
        {
            Assert.True(attempt < 1200, $"session {session} is still there");
            await Task.Delay(50);
            await BatchHelper.LoadAsync(server.Connection, BatchHelper.Small);
        }
    }

    [Fact]
    public async Task The_look_for_a_server_before_a_retry_ends_in_time()
    {
        await using var server = await KillableServer.CreateAsync();
        await BatchHelper.LoadAsync(server.Connection, BatchHelper.Small);
        using var telemetry = BatchTelemetry.Begin(server.Connection, Guid.NewGuid());
        using var stop = new CancellationTokenSource();
        var retry = new TransientRetry(server.Connection, new RetryRule("a test", 1, TimeSpan.FromMinutes(1)), events: null, telemetry, stop.Token);
        await server.FreezeAsync();
        try
        {
            // The pool has a session, which the server answers nothing.
            var lost = new StreamingException("ConnectionRefused", StreamingErrorKind.ConnectionFailed, "It is gone.", "Wait.", innerException: new NpgsqlException("gone", new IOException("gone")));
            var attempts = await retry.RunAsync(
                repeats => repeats == 0 ? throw lost : Task.FromResult(repeats + 1), error => error == lost).WaitAsync(TimeSpan.FromSeconds(50));
            Assert.Equal(2, attempts);
        }
        finally
        {
            await server.ThawAsync();
        }
    }

    /// <summary>Where a stream is when its server freezes.</summary>
    public static TheoryData<string, string> Moments => new()
    {
        { "between two batches", "TERM" },
        { "between two batches", "INT" },
        { "in COPY", "TERM" },
        { "at COMMIT", "TERM" },
        { "at COMMIT", "INT" },
    };

    [Theory]
    [MemberData(nameof(Moments))]
    public async Task A_stream_ends_within_five_seconds_and_with_its_summary(string moment, string signal)
    {
        await using var server = await KillableServer.CreateAsync();
        string[] batches = moment == "in COPY" ? ["--interval", "00:00:00.2", "--users", "1000", "--transactions", "3000", "--details", "2000000"] : ["--interval", "00:00:01"];
        if (moment == "at COMMIT")
        {
            await ExecuteAsync(server.Connection, $"""
                CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_catalog.pg_sleep(60); RETURN NULL; END';
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON {server.Connection.Quote("users")} DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW WHEN (NEW.age > 0) EXECUTE FUNCTION slow()
                """);
        }

        using var process = StreamingPgProgram.On(server.Connection.CopySettings()).Start(["stream", .. batches, "--json"]);
        await WaitUntilAsync(server.Connection, moment switch
        {
            "in COPY" => "query LIKE 'COPY%detailed_transactions%'",
            "at COMMIT" => "query = 'COMMIT' AND wait_event = 'PgSleep'",
            _ => "query = 'COMMIT' AND state = 'idle'",
        });
        await server.FreezeAsync();
        var clock = new Stopwatch();
        string[] lines;
        try
        {
            await Task.Delay(2000);
            clock.Start();
            using (var kill = Process.Start("kill", [$"-{signal}", process.Id.ToString(CultureInfo.InvariantCulture)]))
            {
                await kill.WaitForExitAsync();
            }

            lines = (await process.StandardOutput.ReadToEndAsync()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            await process.WaitForExitAsync();
            clock.Stop();
        }
        finally
        {
            await server.ThawAsync();
        }

        await StreamingPgProgram.AssertInTimeAsync(clock.Elapsed, Promise, "The end");
        var reason = JsonDocument.Parse(lines[^1]).RootElement.GetProperty("stop_reason").GetString();
        Assert.True(reason is "Stopped" or "Failed", reason);
    }

    private static async Task ExecuteAsync(DatabaseConnection connection, string sql)
    {
        await using var open = await connection.OpenAsync(CancellationToken.None);
        await using var command = new NpgsqlCommand(sql, open);
        await command.ExecuteNonQueryAsync();
    }

    private static async Task WaitUntilAsync(DatabaseConnection connection, string condition)
    {
        for (var attempt = 0; attempt < 2400; attempt++)
        {
            await Task.Delay(50);
            if (await BatchHelper.ScalarAsync(
                connection, $"SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND application_name LIKE 'StreamingPg%' AND {condition}") > 0)
            {
                return;
            }
        }

        Assert.Fail($"no session with {condition}");
    }
}
