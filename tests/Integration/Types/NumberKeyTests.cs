using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Keys of whole numbers that no sequence gives: they go on after the highest number there is.</summary>
[Collection(SharedPostgres.Name)]
public sealed class NumberKeyTests(PostgresFixture postgres)
{
    private static string Model(string column) => $$$"""{"t": {"columns": {"id": {{{column}}}, "note": {"type": "TEXT"} } } }""";

    [Theory]
    [InlineData("""{"type": "SMALLINT", "primary_key": true}""")]
    [InlineData("""{"type": "INTEGER", "primary_key": true}""")]
    [InlineData("""{"type": "BIGINT", "primary_key": true}""")]
    [InlineData("""{"type": "DECIMAL(12,0)", "primary_key": true}""")]
    [InlineData("""{"type": "INTEGER", "primary_key": true, "min": 1}""")]
    public async Task Keys_go_on_after_the_highest(string column)
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Model(column));

        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 10));
        await database.Database.ExecuteAsync("INSERT INTO streaming.t (id) VALUES (20)");
        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 5));
        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 1500));

        Assert.Equal(
            Enumerable.Range(1, 10).Concat(Enumerable.Range(20, 1506)).Select(number => (object?)number),
            (await database.Database.QueryAsync("SELECT id::integer FROM streaming.t ORDER BY id")).Select(row => row[0]));
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_rows_where_the_tables_are_alike()
    {
        var rows = new List<object?>();
        for (var run = 0; run < 2; run++)
        {
            await using var database = await RelationDatabase.CreateAsync(postgres, Model("""{"type": "INTEGER", "primary_key": true}"""));
            for (var batch = 0; batch < 2; batch++)
            {
                await database.LoadAsync(new BatchOptions { Rows = new Dictionary<string, long> { ["t"] = 50 }, Seed = 7 });
            }

            rows.Add(string.Join('\n', (await database.Database.QueryAsync("SELECT id, note FROM streaming.t ORDER BY id")).Select(row => $"{row[0]} {row[1]}")));
        }

        Assert.Equal(rows[0], rows[1]);
    }

    [Fact]
    public async Task Batches_of_several_parts_side_by_side_never_collide()
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Model("""{"type": "INTEGER", "primary_key": true}"""));

        var results = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => database.LoadAsync(
            new BatchOptions { Rows = new Dictionary<string, long> { ["t"] = 3000 }, ChunkSize = 1000 })));

        Assert.All(results, result => Assert.Equal(0, result.Retries));
        Assert.Equal(12_000, await database.Database.ScalarAsync<int>("SELECT max(id) FROM streaming.t"));
        Assert.Equal(12_000, await database.Database.CountAsync("t"));
    }

    [Fact]
    public async Task Where_too_few_numbers_are_left_free_ones_are_taken_to_the_last_and_not_beyond()
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Model("""{"type": "SMALLINT", "primary_key": true}"""));
        await database.Database.ExecuteAsync("INSERT INTO streaming.t (id) SELECT generate_series(6, 32767)");

        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 3));
        var error = await Assert.ThrowsAsync<StreamingException>(() => database.LoadAsync(ForeignKeyCheck.Auto, ("t", 3)));
        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 2));

        Assert.Equal(("UniqueValuesExhausted", "t.id"), (error.ErrorId, error.Target));
        Assert.Contains("\"t\".\"id\" can have only 2 more distinct values, but 3 were requested.", error.Message, StringComparison.Ordinal);
        Assert.Equal(32_767, await database.Database.CountAsync("t"));
    }
}
