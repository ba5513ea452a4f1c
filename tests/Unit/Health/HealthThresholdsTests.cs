using StreamingPg.Core.Health;

namespace StreamingPg.Tests.Unit.Health;

public sealed class HealthThresholdsTests
{
    [Fact]
    public void A_file_replaces_what_it_names()
    {
        var thresholds = Load("""
            // of the shop
            {"connections": [0.5, 0.6], "FreeDisk": [0.3, 0.2],}
            """);

        Assert.Equal((0.5, 0.6), (thresholds.Of("Connections").Warning, thresholds.Of("Connections").Critical));
        Assert.Equal((0.3, 0.2), (thresholds.Of("FreeDisk").Warning, thresholds.Of("FreeDisk").Critical));
        Assert.Equal(HealthThresholds.Default.Of("Bloat"), thresholds.Of("Bloat"));
        Assert.NotEqual(0.5, HealthThresholds.Default.Of("Connections").Warning);
    }

    [Theory]
    [InlineData("[1, 2]", "InvalidThresholdFile")]
    [InlineData("{\"Bloat\": 1}", "InvalidThresholdFile")]
    [InlineData("{\"Bloat\": [1]}", "InvalidThresholdFile")]
    [InlineData("{\"Bloat\": [\"a\", \"b\"]}", "InvalidThresholdFile")]
    [InlineData("{", "InvalidThresholdFile")]
    [InlineData("{\"Blaot\": [1, 2]}", "UnknownHealthCheck")]
    [InlineData("{\"Bloat\": [2, 1]}", "InvalidThreshold")]
    [InlineData("{\"FreeDisk\": [0.1, 0.2]}", "InvalidThreshold")]
    public void What_makes_no_sense_is_refused(string json, string error) =>
        Assert.Equal(error, Assert.Throws<StreamingException>(() => Load(json)).ErrorId);

    [Fact]
    public void A_missing_file_is_named()
    {
        var error = Assert.Throws<StreamingException>(() => HealthThresholds.Default.Load("/not/there.json"));
        Assert.Equal(("ThresholdFileUnreadable", "/not/there.json"), (error.ErrorId, error.Target));
    }

    private static HealthThresholds Load(string json)
    {
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllText(path, json);
            return HealthThresholds.Default.Load(path);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
