using StreamingPg.Core.Health;

namespace StreamingPg.Tests.Unit.Health;

public sealed class HealthVerdictTests
{
    [Theory]
    [InlineData(HealthStatus.Ok, HealthStatus.Ok, HealthStatus.Ok, HealthStatus.Ok)]
    [InlineData(HealthStatus.Ok, HealthStatus.Unknown, HealthStatus.Ok, HealthStatus.Ok)]
    [InlineData(HealthStatus.Ok, HealthStatus.Unknown, HealthStatus.Unknown, HealthStatus.Unknown)]
    [InlineData(HealthStatus.Ok, HealthStatus.Unknown, HealthStatus.Warning, HealthStatus.Warning)]
    [InlineData(HealthStatus.Warning, HealthStatus.Unknown, HealthStatus.Unknown, HealthStatus.Warning)]
    [InlineData(HealthStatus.Critical, HealthStatus.Ok, HealthStatus.Warning, HealthStatus.Critical)]
    public void Nothing_that_could_be_checked_is_not_good(HealthStatus connection, HealthStatus disk, HealthStatus lag, HealthStatus verdict) =>
        Assert.Equal(verdict, HealthChecker.Verdict(
            [Of(HealthCheck.Connection, connection), Of(HealthCheck.FreeDisk, disk), Of(HealthCheck.Lag, lag)]));

    private static HealthResult Of(string check, HealthStatus status) =>
        new() { Check = check, Object = "it", Status = status, Unit = HealthUnit.Share, Advice = "" };
}
