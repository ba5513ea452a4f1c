using System.Text.Json;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary>What a run of <c>streamingpg</c> left behind.</summary>
public sealed record CommandLineResult(int ExitCode, string Output, string Error)
{
    /// <summary>Standard output as JSON, one element per line.</summary>
    public IReadOnlyList<JsonElement> Json() =>
        [.. Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)];

    /// <summary>Standard output when the exit code was <paramref name="exitCode"/>; otherwise the test fails and shows both outputs.</summary>
    public CommandLineResult Expect(int exitCode)
    {
        Assert.True(ExitCode == exitCode, $"Exit code {ExitCode}, and {exitCode} was expected.\n{Output}\n{Error}");
        return this;
    }
}
