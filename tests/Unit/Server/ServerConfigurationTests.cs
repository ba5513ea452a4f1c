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

    [Fact]
    public void A_server_that_nobody_replicates_writes_no_more_wal_than_a_crash_takes()
    {
        Assert.Contains("max_wal_senders = '0'\n", Text(), StringComparison.Ordinal);
        Assert.Contains("wal_level = 'minimal'\n", Text(), StringComparison.Ordinal);

        var data = Directory.CreateTempSubdirectory("streamingpg-wal-");
        try
        {
            var none = new Dictionary<string, string>();
            File.WriteAllText(Path.Combine(data.FullName, "postgresql.conf"), "#wal_level = replica\nmax_wal_size = 1GB\n");
            Assert.False(ServerConfiguration.IsReplicated(data.FullName, none));
            Assert.True(ServerConfiguration.IsReplicated(data.FullName, new Dictionary<string, string> { ["WAL_LEVEL"] = "logical" }));

            // Once started with more, it keeps more: a backup or a standby may rely on it.
            var own = Path.Combine(data.FullName, ServerConfiguration.FileName);
            File.WriteAllText(own, Text());
            Assert.False(ServerConfiguration.IsReplicated(data.FullName, none));
            File.WriteAllText(own, "# Written by StreamingPg before each start.\nport = '5433'\n");
            Assert.True(ServerConfiguration.IsReplicated(data.FullName, none));
            File.Delete(own);

            File.AppendAllText(Path.Combine(data.FullName, "postgresql.conf"), "include_if_exists 'streamingpg.conf'\n");
            Assert.False(ServerConfiguration.IsReplicated(data.FullName, none));
            File.WriteAllText(Path.Combine(data.FullName, "postgresql.auto.conf"), "include_dir 'conf.d'\n");
            Assert.True(ServerConfiguration.IsReplicated(data.FullName, none));
            File.Delete(Path.Combine(data.FullName, "postgresql.auto.conf"));

            data.CreateSubdirectory("pg_replslot").CreateSubdirectory("subscriber");
            Assert.True(ServerConfiguration.IsReplicated(data.FullName, none));

            Directory.Delete(Path.Combine(data.FullName, "pg_replslot", "subscriber"));
            File.AppendAllText(Path.Combine(data.FullName, "postgresql.conf"), "archive_mode = on\n");
            Assert.True(ServerConfiguration.IsReplicated(data.FullName, none));
        }
        finally
        {
            data.Delete(recursive: true);
        }
    }

    private static string Text(params (string Name, string Value)[] extra) =>
        ServerConfiguration.Text(5433, "/tmp/run", "lz4", isReplicated: false, extra.ToDictionary(setting => setting.Name, setting => setting.Value));
}
