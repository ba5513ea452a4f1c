using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Every store has a manager of its own, who works in a store: a unique key that closes a cycle.</summary>
[Collection(SharedPostgres.Name)]
public sealed class UniqueInCycleTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("")]
    [InlineData(""", "per_parent": {"min": 0, "max": 5} """)]
    public async Task As_many_stores_as_there_are_staff_to_manage_them(string perParent)
    {
        await using var pagila = await RelationDatabase.CreateAsync(postgres, Json(perParent));
        for (var seed = 1; seed <= 30; seed++)
        {
            var options = new BatchOptions
            {
                Rows = new Dictionary<string, long> { ["store"] = 1 + (seed % 6), ["staff"] = Math.Max(1 + (seed % 6), seed), ["rental"] = 5 },
                Seed = seed,
                ChunkSize = seed % 4 == 0 ? 10 : BatchOptions.DefaultChunkSize,
                ForeignKeyCheck = seed % 2 == 0 ? ForeignKeyCheck.Row : ForeignKeyCheck.Auto,
            };
            await pagila.LoadAsync(options);
        }

        await pagila.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long> { ["store"] = 5, ["staff"] = 20 }, Seed = 99, RowsOfMetadata = true });
        await pagila.AssertSoundAsync();
        if (perParent.Length == 0)
        {
            // Each manager works in the store.
            Assert.Equal(0, await pagila.CountAsync("SELECT FROM {store} s JOIN {staff} m ON m.staff_id = s.manager_staff_id WHERE m.store_id <> s.store_id"));
        }
    }

    [Fact]
    public async Task Staff_that_manage_no_store_yet_may_become_managers()
    {
        await using var pagila = await RelationDatabase.CreateAsync(postgres, Json(""));
        await pagila.LoadAsync(ForeignKeyCheck.Auto, ("store", 2), ("staff", 6));

        await pagila.LoadAsync(ForeignKeyCheck.Auto, ("store", 3), ("staff", 1));
        await pagila.LoadAsync(ForeignKeyCheck.Auto, ("store", 2));

        await pagila.AssertSoundAsync();
        Assert.Equal(7, await pagila.CountAsync("SELECT DISTINCT manager_staff_id FROM {store}"));
        var error = await Assert.ThrowsAsync<StreamingException>(() => pagila.LoadAsync(ForeignKeyCheck.Auto, ("store", 4), ("staff", 3)));
        Assert.Equal("TooFewParents", error.ErrorId);
        Assert.Contains(
            "4 rows of \"store\" were requested, but (manager_staff_id) must be unique: the rows of \"staff\" available as parents allow only 3 more",
            error.Message,
            StringComparison.Ordinal);
        Assert.Equal(7, await pagila.CountAsync("SELECT FROM {store}"));
    }

    [Fact]
    public async Task What_the_metadata_does_not_count_is_made_too()
    {
        await using var pagila = await RelationDatabase.CreateAsync(postgres, Json(""));

        await pagila.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true });

        Assert.Equal(10, await pagila.CountAsync("SELECT FROM {store}"));
        await pagila.AssertSoundAsync();
    }

    [Fact]
    public async Task A_table_of_a_cycle_has_as_many_rows_per_parent_as_asked()
    {
        await using var database = await RelationDatabase.CreateAsync(
            postgres,
            """
            { "teams": {"columns": { "id": {"type": "SERIAL", "primary_key": true},
                "captain": {"type": "INTEGER", "nullable": true, "foreign_key": {"table": "players", "column": "id"}} }, "per_parent": 3 },
              "players": {"columns": { "id": {"type": "SERIAL", "primary_key": true},
                "team": {"type": "INTEGER", "nullable": true, "foreign_key": {"table": "teams", "column": "id"}} } } }
            """);

        await database.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long> { ["players"] = 4 }, RowsOfMetadata = true });

        Assert.Equal(4, await database.CountAsync("SELECT captain FROM {teams} GROUP BY captain HAVING count(*) = 3 AND captain IS NOT NULL"));
        await database.AssertSoundAsync();
    }

    [Fact]
    public void Rows_per_parent_where_the_cycle_has_to_be_cut_are_refused()
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(
            """
            { "teams": {"columns": { "id": {"type": "SERIAL", "primary_key": true},
                "captain": {"type": "INTEGER", "nullable": true, "foreign_key": {"table": "players", "column": "id"}} }, "per_parent": 3 },
              "players": {"columns": { "id": {"type": "SERIAL", "primary_key": true},
                "team": {"type": "INTEGER", "nullable": false, "foreign_key": {"table": "teams", "column": "id"}} } } }
            """));
        Assert.Contains("teams.per_parent", error.Message, StringComparison.Ordinal);
        Assert.Contains("it sets the rows per \"players\", but the foreign keys form a cycle that cannot be broken elsewhere: teams -> players -> teams", error.Message, StringComparison.Ordinal);
    }

    private static string Json(string perParent) =>
        $$$"""
        { "store": {"columns": { "store_id": {"type": "SERIAL", "primary_key": true}, "manager_staff_id": {"type": "INTEGER", "nullable": false, "unique": true} },
            "foreign_keys": [{"columns": ["manager_staff_id"], "table": "staff", "parent_columns": ["staff_id"], "deferrable": true}] },
          "staff": {"columns": { "staff_id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "VARCHAR(40)"},
            "store_id": {"type": "INTEGER", "nullable": false, "foreign_key": {"table": "store", "column": "store_id"}} } {{{perParent}}} },
          "rental": {"columns": { "rental_id": {"type": "SERIAL", "primary_key": true},
            "staff_id": {"type": "INTEGER", "nullable": false, "foreign_key": {"table": "staff", "column": "staff_id"}},
            "store_id": {"type": "INTEGER", "nullable": false, "foreign_key": {"table": "store", "column": "store_id"}} } } }
        """;
}
