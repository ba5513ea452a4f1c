using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class HealthCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Exit_codes_are_those_of_monitoring_systems()
    {
        await using var database = await postgres.CreatePrivateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        (await program.RunAsync("batch")).Expect(0);

        var well = new[] { "health", "--schedule", "1.00:00:00", "--threshold", "FreeDisk=0,0", "--threshold", "Connection=1000,1000" };
        Assert.Matches(@"^\d+ checks: \d+ OK \(.+\)\.\s*$", (await program.RunAsync(well)).Expect(0).Output);
        Assert.Contains("Connections", (await program.RunAsync("health", "--detailed", "--schedule", "1.00:00:00", "--threshold", "FreeDisk=0,0", "--threshold", "Connection=1000,1000")).Expect(0).Output, StringComparison.Ordinal);
        (await program.RunAsync("health", "--threshold", "BatchAge=0,1000000", "--threshold", "FreeDisk=0,0", "--threshold", "Connection=1000,1000", "--schedule", "1.00:00:00")).Expect(1);
        var critical = (await program.RunAsync("health", "--threshold", "Connections=0,0", "--threshold", "FreeDisk=2,2", "--threshold", "Connection=1000,1000", "--json")).Expect(2).Json();
        Assert.Equal(
            ["Connections", "FreeDisk"],
            critical.Where(result => result.GetProperty("status").GetString() == "Critical").Select(result => result.GetProperty("check").GetString()));
        Assert.Equal(1, critical.Count(result => result.GetProperty("check").GetString() == "Connections" && result.GetProperty("unit").GetString() == "Share"));

        (await program.RunAsync("health", "--threshold", "NoSuchCheck=1,2")).Expect(2);
        (await program.RunAsync("health", "--threshold", "BatchAge")).Expect(2);
        var settings = database.Settings();
        settings.Host = "127.0.0.1";
        settings.Port = 1;
        Assert.Contains("Critical Connection", (await StreamingPgProgram.On(settings).RunAsync("health")).Expect(2).Output, StringComparison.Ordinal);
    }
}
