namespace StreamingPg.Tests.Integration.CommandLine;

public sealed class UsageTests
{
    private readonly StreamingPgProgram _program = new();

    [Theory]
    [InlineData]
    [InlineData("nonsense")]
    [InlineData("batch", "--nonsense")]
    [InlineData("batch", "--users", "-1")]
    [InlineData("batch", "--users", "many")]
    [InlineData("batch", "--existing-ratio", "1.5")]
    [InlineData("batch", "--parallel", "0")]
    [InlineData("batch", "--batch-id", "7")]
    [InlineData("batch", "--foreign-key-check", "Never")]
    [InlineData("batch", "--reference-time", "soon")]
    [InlineData("generate", "--format", "xml")]
    [InlineData("growth", "--period", "-1.00:00:00")]
    [InlineData("prune", "--older-than", "30")]
    [InlineData("stream", "--interval", "10")]
    [InlineData("stream", "--retention", "30")]
    [InlineData("watch", "--interval", "10")]
    [InlineData("init", "--port", "99999", "--host", "localhost")]
    [InlineData("init", "--password-file", "/no/such/file")]
    [InlineData("server")]
    public async Task Wrong_usage_ends_with_exit_code_2_and_says_why(params string[] arguments)
    {
        var result = (await _program.RunAsync(arguments)).Expect(2);
        Assert.StartsWith("streamingpg: ", result.Error, StringComparison.Ordinal);
        Assert.Empty(result.Output);
    }

    [Theory]
    [InlineData("batch", "--existing-user-ratio", "--existing-ratio")]
    [InlineData("health", "--threshold-file", "--threshold-path")]
    [InlineData("import", "--file", "--path")]
    [InlineData("metadata", "--output", "--path")]
    public async Task Help_shows_the_name_of_today_and_not_the_one_of_before(string command, string before, string today)
    {
        var help = (await _program.RunAsync(command, "--help")).Expect(0).Output;
        Assert.Contains($"{today} <", help, StringComparison.Ordinal);
        Assert.DoesNotContain(before, help, StringComparison.Ordinal);

        // It works all the same: what is refused is the value, and not the name.
        Assert.Contains(" needs a value", (await _program.RunAsync(command, before, "")).Expect(2).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--connection-string", "Host=localhost;Password=hunter2")]
    [InlineData("--connection-string", "postgresql://me:hunter2@localhost/shop")]
    [InlineData("--host", "postgresql://me:hunter2@localhost/shop")]
    public async Task A_password_among_the_arguments_is_refused_and_not_repeated(string option, string value)
    {
        var result = (await _program.RunAsync("check", option, value)).Expect(2);
        Assert.Contains("PGPASSWORD", result.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", result.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("init")]
    [InlineData("batch")]
    [InlineData("generate")]
    [InlineData("check")]
    [InlineData("growth")]
    [InlineData("test")]
    [InlineData("server", "start")]
    [InlineData("server", "stop")]
    [InlineData("server", "status")]
    public async Task Each_command_has_help_with_examples(params string[] command)
    {
        var result = (await _program.RunAsync([.. command, "--help"])).Expect(0);
        Assert.Contains("--json", result.Output, StringComparison.Ordinal);
        Assert.Contains($"Examples:{Environment.NewLine}  streamingpg {string.Join(' ', command)}", result.Output, StringComparison.Ordinal);
    }
}
