using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary>Nothing that is given or missing makes a command end in a stack trace, or changes what became of its work.</summary>
[Collection(SecondPostgres.Name)]
public sealed class RobustnessTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_command_answers_a_call_for_help_whatever_stands_beside_it()
    {
        var commands = await CommandsAsync();
        Assert.True(commands.Count >= 21, string.Join(", ", commands.Select(command => string.Join(' ', command))));
        foreach (var command in commands)
        {
            var help = await new StreamingPgProgram().RunAsync([.. command, "--nonsense", "--help", "--metadata"]);
            Assert.True(help.ExitCode == 0, $"{string.Join(' ', command)}: {help.Error}");
            Assert.Contains($"  streamingpg {string.Join(' ', command)}", help.Output, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("batch", "--host", "")]
    [InlineData("batch", "--metadata", "")]
    [InlineData("check", "--connection-string", "")]
    [InlineData("batch", "--log-path", " ")]
    [InlineData("batch", "--locale", "")]
    [InlineData("generate", "--reference-time", "0001-01-01")]
    [InlineData("generate", "--reference-time", "9999-12-31")]
    [InlineData("server", "status", "--path", "")]
    [InlineData("stream", "--batches-per-second", "NaN")]
    [InlineData("stream", "--batches-per-second", "1e300")]
    [InlineData("stream", "--batches-per-second", "1e-300")]
    [InlineData("stream", "--rows-per-second", "-1")]
    [InlineData("stream", "--interval", "10000000d")]
    [InlineData("prune", "--older-than", "30s")]
    [InlineData("stream", "--max-batches", "1", "--retention", "59s")]
    [InlineData("prune", "--older-than", "1d", "--max-rows-per-second", "1e-300")]
    [InlineData("watch", "--interval", "1000d", "--count", "1")]
    public async Task Absurd_values_are_wrong_usage(params string[] arguments)
    {
        await using var database = await CreateAsync();
        var program = arguments[0] is "generate" or "server" || arguments.Contains("--host") || arguments.Contains("--connection-string")
            ? new StreamingPgProgram()
            : StreamingPgProgram.On(database.Settings());
        var result = (await program.RunAsync(arguments)).Expect(2);
        Assert.StartsWith("streamingpg: ", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_of_the_log_changes_nothing()
    {
        await using var database = await CreateAsync();
        var result = (await StreamingPgProgram.On(database.Settings()).RunAsync("batch", "--log-path", "/dev/full")).Expect(0);
        Assert.Contains("warning: The log \"/dev/full\" cannot be written", result.Error, StringComparison.Ordinal);
        Assert.Equal(10, await database.CountAsync("users"));
    }

    [Theory]
    [InlineData("batch")]
    [InlineData("stream", "--max-batches", "2", "--batches-per-second", "50", "--json")]
    [InlineData("prune", "--older-than", "3650d")]
    [InlineData("init")]
    public async Task A_full_disk_of_standard_output_does_not_deny_what_was_committed(params string[] arguments)
    {
        await using var database = await CreateAsync();
        var result = (await StreamingPgProgram.On(database.Settings()).WithOutputTo("/dev/full").RunAsync(arguments)).Expect(0);
        Assert.Contains("standard output cannot be written", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("generate", "--users", "5000")]
    [InlineData("growth")]
    [InlineData("ledger", "--json")]
    public async Task A_full_disk_of_standard_output_is_a_failure_where_it_is_all_there_is(params string[] arguments)
    {
        await using var database = await CreateAsync();
        await StreamingPgProgram.On(database.Settings()).RunAsync("batch");
        var program = arguments[0] == "generate" ? new StreamingPgProgram() : StreamingPgProgram.On(database.Settings());
        var result = (await program.WithOutputTo("/dev/full").RunAsync(arguments)).Expect(1);
        Assert.Contains("standard output cannot be", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_full_disk_of_the_rejects_ends_an_import_and_nothing_stays()
    {
        Mount.SkipWhereForbidden();
        await using var database = await CreateAsync();
        var folder = Directory.CreateTempSubdirectory();
        var disk = folder.CreateSubdirectory("disk");
        await TestProcess.RunAsync("mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", disk.FullName);
        try
        {
            var rows = string.Concat(Enumerable.Range(0, 2000).Select(number => $"{{\"name\": \"{new string('x', 300)}{number}\"}}\n"));
            var input = Path.Combine(folder.FullName, "rows.jsonl");
            await File.WriteAllTextAsync(input, rows);
            var result = await StreamingPgProgram.On(database.Settings()).RunAsync(
                "import", "--table", "users", "--path", input, "--on-error", "Reject", "--reject-path", Path.Combine(disk.FullName, "rejects.jsonl"));
            result.Expect(1);
            Assert.Contains("The reject file", result.Error, StringComparison.Ordinal);
            Assert.Equal(0, await database.CountAsync("users"));
            Assert.Empty(disk.GetFiles());
        }
        finally
        {
            await TestProcess.RunAsync("umount", "-l", disk.FullName);
            folder.Delete(recursive: true);
        }
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, planOnly: false, CancellationToken.None);
        return database;
    }

    /// <summary>All commands, those of a group by their own, as the help lists them.</summary>
    private static async Task<List<string[]>> CommandsAsync(params string[] group)
    {
        var help = (await new StreamingPgProgram().RunAsync([.. group, "--help"])).Expect(0).Output.Split('\n');
        var listed = help.SkipWhile(line => !line.StartsWith("Commands:", StringComparison.Ordinal)).Skip(1)
            .TakeWhile(line => line.StartsWith("  ", StringComparison.Ordinal))
            .Where(line => line[2] != ' ')
            .Select(line => line.Trim().Split(' ')[0]);
        var commands = new List<string[]>();
        foreach (var name in listed)
        {
            string[] command = [.. group, name];
            var subcommands = name == "server" ? await CommandsAsync(command) : [];
            commands.AddRange(subcommands.Count == 0 ? [command] : subcommands);
        }

        return commands;
    }
}
