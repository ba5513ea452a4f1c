using StreamingPg.Core.Server;

namespace StreamingPg.Bench;

/// <summary>What the build left in output/: the module and the command line, as users have them.</summary>
internal static class ProductFiles
{
    /// <summary>PowerShell on the PATH, or null where there is none or build.sh is told to do without.</summary>
    public static string? PowerShell =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable("STREAMINGPG_NO_POWERSHELL")) ? SearchPath.Find("pwsh") : null;

    /// <summary>The built module's manifest.</summary>
    /// <exception cref="InvalidOperationException">It was not built.</exception>
    public static string ModuleManifest =>
        Newest(Path.Combine(Output, "StreamingPg"), "StreamingPg.psd1") ?? throw NotBuilt("The module");

    /// <summary>The built command line.</summary>
    /// <exception cref="InvalidOperationException">It was not built.</exception>
    public static string CommandLine => Newest(Path.Combine(Output, "cli"), SearchPath.FileName("streamingpg")) ?? throw NotBuilt("The command line");

    private static string Output => Path.Combine(Root(), "output");

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "StreamingPg.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"{AppContext.BaseDirectory} is in no working copy of StreamingPg.");
    }

    private static string? Newest(string folder, string fileName) =>
        Directory.Exists(folder)
            ? Directory.EnumerateFiles(folder, fileName, SearchOption.AllDirectories).OrderByDescending(File.GetLastWriteTimeUtc).FirstOrDefault()
            : null;

    private static InvalidOperationException NotBuilt(string what) => new($"{what} is not in output/; build it first: ./build.sh build.");
}
