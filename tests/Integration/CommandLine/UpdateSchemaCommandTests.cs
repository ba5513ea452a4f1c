using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class UpdateSchemaCommandTests(PostgresFixture postgres)
{
    [Fact]
    public async Task It_shows_takes_and_refuses_steps()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync(
            "ALTER TABLE streaming.users ALTER COLUMN name TYPE varchar(200), ADD COLUMN note text DEFAULT 'x'; DROP INDEX streaming.transactions_user_id_idx");
        var program = StreamingPgProgram.On(shop.Database.Settings());

        var plan = (await program.RunAsync("update-schema", "--what-if")).Expect(1);
        Assert.Contains("ALTER COLUMN \"name\" TYPE VARCHAR(255)", plan.Output, StringComparison.Ordinal);

        var steps = (await program.RunAsync("update-schema", "--json")).Expect(1).Json();
        Assert.Equal(
            ["name Applied", "note Refused", "transactions_user_id_idx Applied"],
            steps.Select(step => $"{step.GetProperty("name")} {step.GetProperty("state")}"));
        Assert.Equal(10, steps[1].GetProperty("rows").GetInt32());

        (await program.RunAsync("update-schema", "--force", "--lock-timeout", "00:00:10")).Expect(0);
        Assert.Empty((await program.RunAsync("update-schema", "--json")).Expect(0).Json());
        await shop.AssertSoundAsync();
    }
}
