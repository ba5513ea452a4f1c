using StreamingPg.Tests.Unit.Infrastructure;
namespace StreamingPg.Tests.Unit.Telemetry;

/// <summary>A test that needs promtool. Where there is none it is counted as skipped, with the reason.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class PromtoolFactAttribute : FactAttribute
{
    public PromtoolFactAttribute()
    {
        if (Program is null)
        {
            Skip = "NOT RUN: there is no promtool, so the alert rules were not checked. To have it: apt-get install prometheus";
        }
    }

    /// <summary>The program on PATH, or where build.sh keeps it; null when there is none.</summary>
    public static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .Append(RepositoryFile.Path("output", "tools"))
        .Where(folder => folder.Length > 0)
        .Select(folder => Path.Combine(folder, OperatingSystem.IsWindows() ? "promtool.exe" : "promtool"))
        .FirstOrDefault(File.Exists);
}
