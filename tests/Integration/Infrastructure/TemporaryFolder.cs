namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>A folder of one test, deleted after it.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    /// <summary>Its path.</summary>
    public string Path { get; } = Directory.CreateTempSubdirectory("streamingpg-test-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
