using System.Text.Json.Nodes;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Random models whose tables refer to each other in every way, loaded in batches of random size.</summary>
[Collection(SharedPostgres.Name)]
public sealed class RandomRelationTests(PostgresFixture postgres)
{
    private const int Seeds = 10;

    /// <summary>Where a row and its parent both refer to a third table, they refer to the same row of it; what is unique stays so.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1000)]
    [InlineData(2000)]
    public async Task All_ways_to_an_ancestor_agree(int firstSeed)
    {
        var loaded = 0;
        for (var seed = firstSeed; seed < firstSeed + Seeds; seed++)
        {
            var random = new Random(seed);
            var document = Create(random);
            await using var database = await RelationDatabase.CreateAsync(postgres, document.ToJsonString());
            for (var batch = 0; batch < 3; batch++)
            {
                var rows = database.Model.Tables.ToDictionary(table => table.Name, table => RowsOf(database.Model, table, random));
                var options = new BatchOptions
                {
                    Rows = rows,
                    Seed = seed,
                    ForeignKeyCheck = random.Next(2) == 0 ? ForeignKeyCheck.Auto : ForeignKeyCheck.Row,
                    ExistingRatio = random.Next(3) / 2.0,
                    ChunkSize = random.Next(3) == 0 ? random.Next(20, 200) : BatchOptions.DefaultChunkSize,
                };
                var error = await Record.ExceptionAsync(() => database.LoadAsync(options));
                loaded += error is null ? 1 : 0;
                Assert.True(error is null or StreamingException { ErrorId: "NoAgreeingParents" or "TooFewParents" }, $"seed {seed}, batch {batch}: {error}\n{document}");
            }

            var unsound = await Record.ExceptionAsync(database.AssertSoundAsync);
            Assert.True(unsound is null, $"seed {seed}: {unsound?.Message}\n{document}");
            foreach (var table in database.Model.Tables)
            {
                foreach (var (via, straight) in table.ForeignKeys.SelectMany(via => table.ForeignKeys.Select(straight => (via, straight))))
                {
                    var parent = database.Model.Table(via.ParentTable);
                    if (via != straight && straight.ParentTable != table.Name && parent.ForeignKeys.Any(key => key.Columns[0] == straight.Columns[0]))
                    {
                        var column = straight.Columns[0];
                        Assert.True(
                            0 == await database.CountAsync(
                                $"SELECT FROM {{{table.Name}}} c JOIN {{{parent.Name}}} p ON p.id = c.{via.Columns[0]} WHERE c.{column} <> p.{column}"),
                            $"seed {seed}: {table.Name}.{column} by {via.Columns[0]}\n{document}");
                    }
                }
            }
        }

        Assert.True(loaded >= Seeds * 2, $"only {loaded} batches could be made");
    }

    private static JsonObject Create(Random random)
    {
        var document = new JsonObject();
        var tables = random.Next(4, 9);
        for (var number = 0; number < tables; number++)
        {
            var columns = new JsonObject
            {
                ["id"] = new JsonObject { ["type"] = "UUID", ["primary_key"] = true },
                ["at"] = new JsonObject { ["type"] = "TIMESTAMP" },
            };
            var parents = Enumerable.Range(0, number).Where(_ => random.Next(2) == 0).ToList();
            foreach (var parent in parents)
            {
                columns[$"t{parent}"] = Reference($"t{parent}", random.Next(5) == 0 ? random.NextDouble() : 0);
            }

            if (random.Next(4) == 0)
            {
                columns["above"] = Reference($"t{number}", random.Next(2) == 0 ? random.NextDouble() / 2 : 0);
            }

            var table = new JsonObject { ["columns"] = columns };
            if (parents.Count > 0 && random.Next(4) == 0)
            {
                table["unique"] = new JsonArray(new JsonArray([.. parents.Take(2).Select(parent => JsonValue.Create($"t{parent}"))]));
            }

            document[$"t{number}"] = table;
        }

        return document;
    }

    private static JsonObject Reference(string table, double nullRatio)
    {
        var column = new JsonObject
        {
            ["type"] = "UUID",
            ["foreign_key"] = new JsonObject { ["table"] = table, ["column"] = "id" },
        };
        if (nullRatio > 0)
        {
            column["nullable"] = true;
            column["null_ratio"] = nullRatio;
        }

        return column;
    }

    private static long RowsOf(StreamModel model, TableModel table, Random random) =>
        table.UniqueKeys.Count > 0 ? random.Next(1, 10) : random.Next(1, random.Next(4) == 0 ? 600 : 40);
}
