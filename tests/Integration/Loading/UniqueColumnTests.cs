using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Unique columns stay unique across batches, parts and rows that somebody else wrote; an exhausted one loads nothing.</summary>
[Collection(SharedPostgres.Name)]
public sealed class UniqueColumnTests(PostgresFixture postgres)
{
    private static readonly StreamModel Seats = MetadataReader.Parse(
        """
        {
          "seats": {"unique": [["row", "number"]], "columns": {
            "id": {"type": "SERIAL", "primary_key": true},
            "row": {"type": "CHAR(1)", "values": ["A", "B", "C", "D", "E"]},
            "number": {"type": "SMALLINT", "min": 1, "max": 500},
            "code": {"type": "VARCHAR(3)", "pattern": "[A-Z][0-9]{2}", "unique": true, "nullable": true, "null_ratio": 0.2},
            "day": {"type": "DATE", "min": "2010-01-01", "max": "2019-12-31", "unique": true}}},
          "cards": {"columns": {"number": {"type": "VARCHAR(16)", "generator": "finance.credit_card", "primary_key": true}}}
        }
        """);

    [Theory]
    [InlineData(2_500, 1)]
    [InlineData(60, 3)]
    public async Task Values_stay_unique_until_none_is_left_and_then_the_column_is_named(long chunk, int parallel)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, Seats, planOnly: false, CancellationToken.None);

        // Somebody else's rows, and a seed that comes again in each batch.
        await database.ExecuteAsync("INSERT INTO streaming.seats (row, number, code, day) SELECT 'A', n, 'A' || n, date '2010-01-01' + n FROM generate_series(10, 99) AS n");
        for (var batch = 0; batch < 9; batch++)
        {
            await LoadAsync(database, 240, chunk, parallel);
        }

        Assert.Equal(2_250, await database.CountAsync("seats"));
        Assert.Equal(2_160, await database.CountAsync("cards"));
        var error = await Assert.ThrowsAsync<StreamingException>(() => LoadAsync(database, 500, chunk, parallel));
        Assert.Equal(("UniqueValuesExhausted", StreamingErrorKind.ResourceExhausted), (error.ErrorId, error.Kind));
        Assert.Contains("but 500 were requested", error.Message, StringComparison.Ordinal);
        Assert.Equal(2_250, await database.CountAsync("seats"));
        Assert.Equal(chunk >= 480 ? 9 : 9 * 9, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger"));
    }

    [Fact]
    public async Task Writers_at_the_same_time_get_different_values()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, Seats, planOnly: false, CancellationToken.None);

        await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => LoadAsync(database, 300, 5_000, 1)));

        Assert.Equal(1_800, await database.CountAsync("seats"));
    }

    private static Task<BatchResult> LoadAsync(TestDatabase database, long rows, long chunk, int parallel) => BatchRunner.RunAsync(
        database.Connection,
        Seats,
        new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["seats"] = rows, ["cards"] = rows },
            Seed = 7,
            ChunkSize = (int)chunk,
            Parallel = parallel,
        },
        progress: null,
        CancellationToken.None);
}
