using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary>Every command that changes something can say what it would do instead.</summary>
[Collection(SecondPostgres.Name)]
public sealed class WhatIfTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Nothing_is_changed_and_the_plan_is_shown()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        using var folder = new TemporaryFolder();
        var program = StreamingPgProgram.On(database.Settings());
        var users = Path.Combine(folder.Path, "users.csv");
        var (report, metadata, server) = (Path.Combine(folder.Path, "report.html"), Path.Combine(folder.Path, "metadata.json"), Path.Combine(folder.Path, "server"));
        await File.WriteAllTextAsync(users, "name\nAda\n");
        (string[] Command, string Plan)[] commands =
        [
            (["batch", "--users", "7", "--what-if"], "Load users 7"),
            (["stream", "--interval", "10s", "--what-if"], "0.1 times per second"),
            (["import", "--table", "users", "--path", users, "--what-if"], $"Import rows from {users} into \"users\""),
            (["report", "--path", report, "--what-if"], $"to {report}"),
            (["metadata", "--from-database", "--path", metadata, "--what-if"], $"Save the metadata of 3 tables to {metadata}"),
        ];
        foreach (var (command, plan) in commands)
        {
            var output = (await program.RunAsync(command)).Expect(0).Output;
            Assert.StartsWith("What if: ", output, StringComparison.Ordinal);
            Assert.Contains(plan, output, StringComparison.Ordinal);
        }

        foreach (var verb in new[] { "start", "stop" })
        {
            var json = (await new StreamingPgProgram().RunAsync("server", verb, "--path", server, "--what-if", "--json")).Expect(0).Json();
            Assert.Contains(server, json[0].GetProperty("what_if").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal((0L, 0L), (await database.CountAsync("users"), await database.CountAsync("batch_ledger")));
        Assert.Equal([users], Directory.GetFileSystemEntries(folder.Path));
    }
}
