using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Telemetry;

/// <summary>The alert rules as promtool sees them. Where there is none these tests are counted as skipped, with the reason.</summary>
public sealed class AlertRuleTests
{
    // On PATH, or where build.sh keeps it.
    private static readonly string? Promtool = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Append(RepositoryFile.Path("output", "tools"))
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "promtool.exe" : "promtool"))
        .FirstOrDefault(File.Exists);

    [Fact]
    public Task They_are_rules() => RunAsync("check", "rules", RepositoryFile.Path("docs", "monitoring", "alerts.yml"));

    [Fact]
    public Task They_fire_when_they_should_and_only_then() =>
        RunAsync("test", "rules", RepositoryFile.Path("docs", "monitoring", "alerts.test.yml"));

    private static Task RunAsync(params string[] arguments)
    {
        Assert.SkipWhen(Promtool is null, "There is no promtool, so the alert rules were not checked (Debian: apt-get install prometheus).");
        return TestProcess.RunAsync(Promtool!, arguments);
    }
}
