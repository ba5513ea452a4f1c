using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class FillCommandTests(PostgresFixture postgres)
{
    private const string Tables = """
        CREATE SCHEMA people; CREATE TABLE people.owner (id serial PRIMARY KEY, name text);
        CREATE SCHEMA things; CREATE TABLE things.asset (id serial PRIMARY KEY, owner_id int NOT NULL REFERENCES people.owner);
        CREATE TABLE things.never (id serial PRIMARY KEY, v int NOT NULL CHECK (v * v = -1));
        CREATE TABLE things.odd (id serial PRIMARY KEY, p pg_node_tree NOT NULL);
        """;

    [Fact]
    public async Task Schemas_are_filled_in_order_and_each_table_is_reported()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(Tables);
        var program = StreamingPgProgram.On(database.Settings());

        var plan = (await program.RunAsync("fill", "--schema", "things,people", "--rows-per-table", "20", "--what-if", "--json")).Expect(0).Json();
        Assert.Equal(
            ["odd LeftOut", "owner Planned", "asset Planned", "never Planned"],
            plan.Select(table => $"{table.GetProperty("table").GetString()} {table.GetProperty("status").GetString()}"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM people.owner"));

        var result = await program.RunAsync("fill", "--all-schemas", "--rows-per-table", "20");
        result.Expect(1); // the server rejected all rows of a table
        Assert.Contains("never_v_check", result.Output, StringComparison.Ordinal);
        Assert.Contains("pg_node_tree", result.Output, StringComparison.Ordinal);
        Assert.Equal(20, await database.ScalarAsync<long>("SELECT count(*) FROM things.asset"));

        var stopped = (await program.RunAsync("fill", "--all-schemas", "--on-unfillable", "Stop")).Expect(1);
        Assert.Contains("\"odd\"", stopped.Error, StringComparison.Ordinal);
        Assert.Equal(20, await database.ScalarAsync<long>("SELECT count(*) FROM things.asset"));
    }
}
