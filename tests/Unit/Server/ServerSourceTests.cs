using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Unit.Server;

/// <summary>They change the environment of the process, which is nobody else's meanwhile.</summary>
[CollectionDefinition(nameof(ServerSourceTests), DisableParallelization = true)]
public sealed class ServerSourceTestsAlone;

[Collection(nameof(ServerSourceTests))]
public sealed class ServerSourceTests : IDisposable
{
    private static readonly string[] Variables = [ServerSource.Variable, "npm_config_registry", "HOME"];

    private readonly string?[] _before = [.. Variables.Select(Environment.GetEnvironmentVariable)];
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory();

    public ServerSourceTests() => Set(null, null, _home.FullName);

    public void Dispose()
    {
        Set(_before);
        _home.Delete(recursive: true);
    }

    [Fact]
    public void The_variable_comes_first_and_npm_last()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The home folder of Windows is not named by HOME.");
        File.WriteAllText(Path.Combine(_home.FullName, ".npmrc"), "fund=false\nregistry=https://file.example.com/npm/\n");
        Assert.Equal("https://file.example.com/npm/", ServerSource.OfEnvironment().Address.AbsoluteUri);

        Set(null, "https://npm.example.com/", _home.FullName);
        Assert.Equal("https://npm.example.com/", ServerSource.OfEnvironment().Address.AbsoluteUri);

        Set("https://mirror.example.com/", "https://npm.example.com/", _home.FullName);
        Assert.Equal("https://mirror.example.com/", ServerSource.OfEnvironment().Address.AbsoluteUri);
    }

    [Fact]
    public void Where_nothing_names_an_address_the_error_says_what_to_set()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The home folder of Windows is not named by HOME.");
        var error = Assert.Throws<StreamingException>(ServerSource.OfEnvironment);
        Assert.Equal("InvalidDownloadUrl", error.ErrorId);
        Assert.Contains(ServerSource.Variable, error.Message, StringComparison.Ordinal);
    }

    private static void Set(params string?[] values)
    {
        for (var index = 0; index < Variables.Length; index++)
        {
            Environment.SetEnvironmentVariable(Variables[index], values[index]);
        }
    }
}
