using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Unit.Server;

public sealed class ServerConfigurationTests
{
    [Fact]
    public void The_server_listens_on_loopback_only_whatever_else_is_set()
    {
        var text = Text(("listen_addresses", "*"), ("port", "1"), ("fsync", "off"));
        Assert.Contains("listen_addresses = '127.0.0.1'\n", text, StringComparison.Ordinal);
        Assert.Contains("port = '5433'\n", text, StringComparison.Ordinal);
        Assert.Contains("fsync = 'off'\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("'*'", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Values_are_quoted() =>
        Assert.Contains("log_line_prefix = 'it''s \\\\'\n", Text(("log_line_prefix", "it's \\")), StringComparison.Ordinal);

    [Theory]
    [InlineData("fsync = off\nport", "1")]
    [InlineData("fsync", "off\nport = 1")]
    public void A_setting_is_one_line(string name, string value) =>
        Assert.Equal("InvalidServerSetting", Assert.Throws<StreamingException>(() => Text((name, value))).ErrorId);

    private static string Text(params (string Name, string Value)[] extra) =>
        ServerConfiguration.Text(5433, "/tmp/run", "lz4", extra.ToDictionary(setting => setting.Name, setting => setting.Value));
}
