using StreamingPg.Core.Metadata;
using StreamingPg.Core.Retention;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Retention;

/// <summary>Old is what is old in UTC, whatever the type of the time and wherever the server thinks it is.</summary>
[Collection(SecondPostgres.Name)]
public sealed class TimeTypeTests(PostgresFixture postgres)
{
    private static readonly DateTimeOffset Before = new(2024, 3, 10, 9, 30, 0, TimeSpan.Zero);

    public static TheoryData<string, string, bool, int> Ways()
    {
        var ways = new TheoryData<string, string, bool, int>();
        foreach (var zone in new[] { "UTC", "Pacific/Auckland", "America/Los_Angeles" })
        {
            foreach (var type in new[] { "TIMESTAMP", "TIMESTAMPTZ", "DATE" })
            {
                ways.Add(type, zone, true, 2);
                ways.Add(type, zone, false, 1000);
            }
        }

        return ways;
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Rows_from_before_go_and_the_others_stay(string type, string zone, bool indexed, int chunkSize)
    {
        var model = MetadataReader.Parse($$"""
            { "visits": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "birth_date": { "type": "DATE" }, "made": { "type": "{{type}}" } }
                {{(indexed ? """, "indexes": [["made"]] """ : "")}} },
              "pages": { "columns": { "id": { "type": "INTEGER", "primary_key": true },
                "visit": { "type": "INTEGER", "foreign_key": { "table": "visits", "column": "id" } } } } }
            """);
        await using var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync($"DO $$BEGIN EXECUTE format('ALTER DATABASE %I SET timezone TO ''{zone}''', current_database()); END$$");
        database.Connection.DataSource.Clear();
        Assert.Equal(zone, await database.ScalarAsync<string>("SHOW timezone"));

        // Every six hours from 9 March 00:30 UTC on, one at the limit itself and one just before it.
        await database.ExecuteAsync($"""
            INSERT INTO streaming.visits
            SELECT n, '1950-01-01', {(type == "TIMESTAMPTZ" ? "at" : type == "DATE" ? "(at AT TIME ZONE 'UTC')::date" : "at AT TIME ZONE 'UTC'")}
            FROM (SELECT n, timestamptz '2024-03-09 00:30+00' + n * interval '6 hours' AS at FROM generate_series(0, 11) AS n
                  UNION ALL VALUES (100, timestamptz '2024-03-10 09:30+00'), (101, timestamptz '2024-03-10 09:29:59.999999+00')) AS visits;
            INSERT INTO streaming.visits VALUES (102, '1950-01-01', NULL);
            INSERT INTO streaming.pages SELECT id, id FROM streaming.visits
            """);

        var options = new RetentionOptions { Before = Before.UtcDateTime, ChunkSize = chunkSize };
        var counted = await RetentionRunner.CountAsync(database.Connection, model, options, CancellationToken.None);
        var results = await RemovalHelper.RemoveAsync(database.Connection, options, model);

        int[] gone = type == "DATE" ? [0, 1, 2, 3] : [0, 1, 2, 3, 4, 5, 101];
        var left = Enumerable.Range(0, 12).Concat([100, 101, 102]).Except(gone).ToArray();
        Assert.Equal(left, (await database.QueryAsync("SELECT id FROM streaming.visits ORDER BY id")).Select(row => (int)row[0]!));
        Assert.Equal(left, (await database.QueryAsync("SELECT id FROM streaming.pages ORDER BY id")).Select(row => (int)row[0]!));
        Assert.Equal((gone.Length, gone.Length), (results["visits"].Removed, results["pages"].Removed));
        Assert.Equal(gone.Length, counted.Single(table => table.Table == "visits").Removed);
        Assert.Equal(0, (await RemovalHelper.RemoveAsync(database.Connection, options, model))["visits"].Removed);
    }
}
