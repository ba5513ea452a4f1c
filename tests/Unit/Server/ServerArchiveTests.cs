using System.Runtime.InteropServices;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Unit.Server;

public sealed class ServerArchiveTests
{
    [Theory]
    [InlineData("win-x64", Architecture.X64, true, false, "windows-x64")]
    [InlineData("win-arm64", Architecture.Arm64, true, false, "windows-x64")]
    [InlineData("osx-x64", Architecture.X64, false, true, "darwin-x64")]
    [InlineData("osx-arm64", Architecture.Arm64, false, true, "darwin-arm64")]
    [InlineData("linux-x64", Architecture.X64, false, false, "linux-x64")]
    [InlineData("debian.12-arm64", Architecture.Arm64, false, false, "linux-arm64")]
    public void Every_usual_machine_has_an_archive_of_every_newer_version(
        string runtimeIdentifier, Architecture architecture, bool isWindows, bool isMacOS, string platform)
    {
        Assert.Equal(platform, ServerArchive.PlatformOf(runtimeIdentifier, architecture, isWindows, isMacOS));
        Assert.Superset(new HashSet<int> { 15, 16, 17, 18 }, ServerArchive.Of(platform).Select(archive => archive.Major).ToHashSet());
        Assert.All(ServerArchive.Of(platform), archive => Assert.Equal(64, Convert.FromBase64String(archive.Sha512).Length));
    }

    [Theory]
    [InlineData("linux-musl-x64", Architecture.X64, "linux-musl-x64")]
    [InlineData("alpine.3.20-arm64", Architecture.Arm64, "linux-musl-arm64")]
    [InlineData("linux-s390x", Architecture.S390x, "linux-s390x")]
    public void Machines_that_no_archive_runs_on_are_not_given_one(string runtimeIdentifier, Architecture architecture, string platform)
    {
        Assert.Equal(platform, ServerArchive.PlatformOf(runtimeIdentifier, architecture, isWindows: false, isMacOS: false));
        Assert.Empty(ServerArchive.Of(platform));
    }
}
