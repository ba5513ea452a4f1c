using StreamingPg.Tests.Unit.Infrastructure;
using System.Diagnostics;

namespace StreamingPg.Tests.Unit.Telemetry;

public sealed class AlertRuleTests
{
    [PromtoolFact]
    public Task They_are_rules() => RunAsync("check", "rules", RepositoryFile.Path("docs", "monitoring", "alerts.yml"));

    [PromtoolFact]
    public Task They_fire_when_they_should_and_only_then() =>
        RunAsync("test", "rules", RepositoryFile.Path("docs", "monitoring", "alerts.test.yml"));

    private static async Task RunAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(PromtoolFactAttribute.Program!, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"promtool {string.Join(' ', arguments)}\n{await output}\n{error}");
    }
}
