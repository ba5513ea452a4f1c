namespace StreamingPg.Tests.Unit.Infrastructure;

/// <summary>Files of the repository that the tests were built from.</summary>
internal static class RepositoryFile
{
    public static string Path(params string[] parts)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(System.IO.Path.Combine(folder.FullName, "StreamingPg.sln")))
        {
            folder = folder.Parent ?? throw new DirectoryNotFoundException("The repository is not above the tests.");
        }

        return System.IO.Path.Combine([folder.FullName, .. parts]);
    }

    public static string Read(params string[] parts) => File.ReadAllText(Path(parts));
}
