using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Connections;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Security;

/// <summary>No command runs what a stranger planted in public, with the rights of whoever runs the command.</summary>
[Collection(SecondPostgres.Name)]
public sealed class HostileSchemaTests(PostgresFixture postgres) : IDisposable
{
    private const string Against = "streaming.transactions";
    private static readonly Guid Closed = new("0f0e7c1e-0000-4000-8000-000000000001");

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-hostile-").FullName;

    private string[][] Walk =>
    [
        ["init"],
        ["test"],
        ["batch"],
        ["batch"],
        ["batch", "--users", "1000", "--transactions", "2000", "--details", "3000"],
        ["batch", "--details", "50", "--users", "0", "--transactions", "0", "--foreign-key-check", "Row"],
        ["backfill", "--history", "2d", "--users", "20", "--transactions", "60", "--details", "100", "--growth", "Linear", "--chunk-size", "100"],
        ["stream", "--interval", "00:00:00.1", "--max-batches", "2", "--retention", "10.00:00:00"],
        ["fill", "--rows-per-table", "3"],
        ["fill", "--what-if"],
        ["generate"],
        ["import", "--table", "users", "--path", Path.Combine(_folder, "users.csv")],
        ["import", "--table", "users", "--path", Path.Combine(_folder, "users.csv"), "--on-conflict", "Update",
            "--on-error", "Reject", "--reject-path", Path.Combine(_folder, "rejects.jsonl")],
        ["export", "--path", Path.Combine(_folder, "data"), "--from-database", "--force"],
        ["check"],
        ["health"],
        ["growth"],
        ["watch", "--count", "1"],
        ["watch", "--count", "1", "--exact"],
        ["dashboard", "--duration", "1ms"],
        ["ledger"],
        ["ledger", "--summary"],
        ["batch", "--batch-id", $"{Closed}", "--users", "300", "--transactions", "600", "--details", "900", "--chunk-size", "600"],
        ["close", "--batch-id", $"{Closed}", "--rows", "Remove"],
        ["rows", "--table", "users", "--first", "2"],
        ["rows", "--table", "transactions", "--sample", "2"],
        ["rows", "--table", "users", "--batch-id", $"{Closed}"],

        // The words of this statement are its author's: what he does not qualify, he means by the schema that he asks.
        ["query", "--query", "SELECT pg_catalog.count(*) FROM users WHERE city OPERATOR(pg_catalog.=) $1::pg_catalog.text", "--argument-list", "Lima"],
        ["activity"],
        ["sales"],
        ["events"],
        ["events", "--by", "Time"],
        ["events", "--by", "Lateness", "--table", "transactions"],
        ["relations"],
        ["likeness", "--table", "detailed_transactions", "--against", Against],
        ["report", "--path", Path.Combine(_folder, "report.html")],
        ["generators"],
        ["locales"],
        ["metadata", "--from-database"],
        ["metadata", "--from-database", "--learn-from", "--scale", "0.5"],
        ["export-metadata", "--path", Path.Combine(_folder, "metadata.json"), "--force"],
        ["new-metadata"],
        ["test-metadata", "--metadata", Path.Combine(_folder, "metadata.json")],
        ["update-schema"],
        ["update-schema", "--widen-key", "detailed_transactions"],
        ["init", "--publication", "changes"],
        ["publication", "--name", "changes"],
        ["prune", "--older-than", "30.00:00:00", "--what-if"],
        ["prune", "--before", "2020-01-01T00:00:00Z"],
        ["psql", "--", "--no-psqlrc", "--command", "SELECT 1"],
        ["mcp"],
        ["snapshot", "list"],
        ["clear", "--force"],
        ["remove-schema"],
        ["completion", "bash"],
    ];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task No_command_calls_what_strangers_planted(bool isFirst, bool isPooled)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await HostileSchema.PlantAsync(database, isFirst);
        await using var bouncer = isPooled ? await PgBouncer.StartAsync(database.Settings()) : null;
        await AssertUntouchedAsync(database, bouncer?.Settings ?? database.Settings());
        await EndOthersAsync(database);
    }

    /// <summary>The tables lie where strangers may create.</summary>
    [Fact]
    public async Task No_command_on_tables_in_public_does()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await HostileSchema.PlantAsync(database, isFirst: false);
        await AssertUntouchedAsync(database, database.Settings(), "--schema", "public");
    }

    [Fact]
    public async Task The_walk_leaves_no_command_out()
    {
        var help = (await new StreamingPgProgram().RunAsync("--help")).Expect(0).Output;
        var commands = Regex.Matches(help[help.IndexOf("Commands:", StringComparison.Ordinal)..], @"^  ([a-z-]+)", RegexOptions.Multiline)
            .Select(match => match.Groups[1].Value).Except(["server"]);
        Assert.Empty(commands.Except(Walk.Select(command => command[0])));
    }

    private async Task AssertUntouchedAsync(TestDatabase database, NpgsqlConnectionStringBuilder settings, params string[] more)
    {
        await File.WriteAllTextAsync(
            Path.Combine(_folder, "users.csv"), "user_id,name,city\n0190a000-0000-7000-8000-000000000001,Ann,Lima\n");
        var program = StreamingPgProgram.On(settings);
        foreach (var command in Walk)
        {
            if (command[0] == "close")
            {
                await database.ExecuteAsync($"DELETE FROM {(more.Length > 0 ? more[1] : "streaming")}.batch_ledger WHERE batch_id OPERATOR(pg_catalog.=) '{Closed}' AND part OPERATOR(pg_catalog.=) 2");
            }

            string[] withoutDatabase = ["generate", "generators", "locales", "completion", "new-metadata", "test-metadata"];
            var run = withoutDatabase.Contains(command[0])
                ? await new StreamingPgProgram().RunAsync(command)
                : await program.RunAsync([.. StreamingPgProgram.With([.. command.Select(word => word == Against && more.Length > 0 ? $"{more[1]}.transactions" : word)], more)]);
            var line = string.Join(' ', command);
            Assert.True(run.ExitCode == 0 || command[0] is "health" or "publication", $"{line}: {run.ExitCode} {run.Output} {run.Error}");
            var calls = await HostileSchema.CallsAsync(database);
            Assert.True(calls.Length == 0, $"{line}: {calls}");
        }
    }

    private static Task<long> EndOthersAsync(TestDatabase database) => database.ScalarAsync<long>(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_catalog.pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
}
