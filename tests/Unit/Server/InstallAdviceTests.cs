using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Unit.Server;

public sealed class InstallAdviceTests
{
    [Theory]
    [InlineData("ID=debian\nVERSION_ID=\"12\"", null, "apt-get install postgresql")]
    [InlineData("NAME=Mint\nID=linuxmint\nID_LIKE=\"ubuntu debian\"", 15, "apt-get install postgresql-15")]
    [InlineData("ID=\"rocky\"\nID_LIKE=\"rhel centos fedora\"", null, "dnf install postgresql-server")]
    [InlineData("ID=alpine", 16, "apk add postgresql16")]
    [InlineData("ID=arch", null, "pacman -S postgresql")]
    [InlineData("ID=unheard-of", null, "PATH")]
    [InlineData("", null, "PATH")]
    public void Each_system_gets_its_own_command(string osRelease, int? major, string advice) =>
        Assert.Contains(advice, InstallAdvice.ForLinux(osRelease, major), StringComparison.Ordinal);
}
