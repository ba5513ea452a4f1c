using System.Text.Json.Nodes;
using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>What is taken over from the statistics of rows that are there, and what never is.</summary>
[Collection(SharedPostgres.Name)]
public sealed class LearnFromTests(PostgresFixture postgres)
{
    // 1000 rows: known shares, known spreads.
    private const string Rows =
        """
        CREATE TABLE sale (
            id serial PRIMARY KEY, state text NOT NULL, gift boolean, amount numeric(8,2), stars smallint, made timestamp NOT NULL,
            due date, email text, voucher text UNIQUE);
        INSERT INTO sale (state, gift, amount, stars, made, due, email, voucher)
        SELECT CASE WHEN i % 10 < 7 THEN 'paid' ELSE 'open' END, CASE WHEN i % 4 > 0 THEN i % 4 = 1 END,
               CASE WHEN i % 2 = 0 THEN 5 ELSE i END, i % 5, '2020-01-01'::timestamp + i * interval '1 hour',
               '2021-01-01'::date + i % 300, 'secret' || i % 3 || '@corp.test', 'V' || i
        FROM generate_series(1, 1000) i;
        ANALYZE sale;
        """;

    [Fact]
    public async Task Values_shares_and_spreads_are_taken_over()
    {
        await using var database = await CreateAsync(postgres, Rows);

        var metadata = await LearnAsync(database);
        var columns = JsonNode.Parse(metadata.Json)!["sale"]!["columns"]!;

        Assert.Empty(metadata.Notes);
        Assert.Equal("""[{"value":"paid","weight":0.7},{"value":"open","weight":0.3}]""", columns["state"]!["values"]!.ToJsonString());
        Assert.Equal("""{"type":"BOOLEAN","nullable":true,"null_ratio":0.25,"values":[{"value":false,"weight":0.5},{"value":true,"weight":0.25}]}""", columns["gift"]!.ToJsonString());
        Assert.Equal([0, 1, 2, 3, 4], columns["stars"]!["values"]!.AsArray().Select(value => value!["value"]!.GetValue<int>()).Order());

        // Half of the amounts are 5, so that half of the buckets are 5 and no wider.
        var amounts = columns["amount"]!["distribution"]!["bounds"]!.AsArray().Select(bound => bound!.GetValue<decimal>()).ToList();
        Assert.Equal(101, amounts.Count);
        Assert.InRange(amounts.Count(amount => amount == 5), 48, 53);
        Assert.Equal(amounts.Order(), amounts);
        Assert.InRange(amounts[100], 990, 1000);
        Assert.Equal("2020-01-01T01:00:00", columns["made"]!["distribution"]!["bounds"]![0]!.GetValue<string>());
        Assert.Equal("2021-10-27", columns["due"]!["distribution"]!["bounds"]![100]!.GetValue<string>());
        Assert.Equal("""{"type":"TEXT","nullable":true,"unique":true}""", columns["voucher"]!.ToJsonString());
        Assert.Empty(Model(metadata).Table("sale").UnreadChecks);
    }

    [Fact]
    public async Task No_value_of_a_sensitive_column_is_copied()
    {
        await using var database = await CreateAsync(postgres, Rows);
        var sensitive = MetadataReader.Parse(
            """
            {"sale": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "state": {"type": "TEXT", "sensitive": true},
                                  "amount": {"type": "NUMERIC(8,2)", "sensitive": true}, "due": {"type": "DATE"}}}}
            """);

        var metadata = await LearnAsync(database, sensitive);
        var columns = JsonNode.Parse(metadata.Json)!["sale"]!["columns"]!;

        foreach (var column in new[] { "state", "amount", "email" })
        {
            Assert.True(columns[column]!["sensitive"]!.GetValue<bool>());
            Assert.Null(columns[column]!["values"]);
            Assert.Null(columns[column]!["distribution"]);
        }

        Assert.DoesNotContain("paid", metadata.Json, StringComparison.Ordinal);
        Assert.DoesNotContain("corp.test", metadata.Json, StringComparison.Ordinal);
        Assert.NotNull(columns["due"]!["distribution"]);
    }

    [Fact]
    public async Task What_looks_personal_is_copied_only_when_metadata_says_so()
    {
        await using var database = await CreateAsync(postgres, Rows);
        var open = MetadataReader.Parse(
            """{"sale": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "email": {"type": "TEXT", "sensitive": false}}}}""");

        Assert.DoesNotContain("corp.test", (await LearnAsync(database)).Json, StringComparison.Ordinal);
        Assert.Contains("secret0@corp.test", (await LearnAsync(database, open)).Json, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Lengths_of_texts_too_long_for_the_statistics_are_not_learned()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE house (id serial PRIMARY KEY, motto text, saying text);
            INSERT INTO house (motto, saying) SELECT i || repeat('m', i % 40), i || repeat('s', CASE WHEN i % 5 = 0 THEN 1500 ELSE i % 40 END) FROM generate_series(1, 1000) i;
            ANALYZE house;
            """);

        var columns = JsonNode.Parse((await LearnAsync(database)).Json)!["house"]!["columns"]!;

        Assert.NotNull(columns["motto"]!["distribution"]);
        Assert.Null(columns["saying"]!["distribution"]);
    }

    [Fact]
    public async Task Tables_without_statistics_are_named()
    {
        await using var database = await CreateAsync(postgres, "CREATE TABLE quiet (id serial PRIMARY KEY, level integer)");

        var note = Assert.Single((await LearnAsync(database)).Notes);

        Assert.Equal("quiet: the server has no statistics of it, so nothing is learned from its rows. Run ANALYZE \"shop\".\"quiet\"; and read again.", note.ToString());
    }

    [Fact]
    public async Task Of_a_partitioned_table_the_statistics_of_the_whole_are_read()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE reading (id integer PRIMARY KEY, level integer) PARTITION BY RANGE (id);
            CREATE TABLE r1 PARTITION OF reading FOR VALUES FROM (0) TO (50);
            CREATE TABLE r2 PARTITION OF reading FOR VALUES FROM (50) TO (100);
            INSERT INTO reading SELECT i, i / 50 FROM generate_series(0, 99) i;
            ANALYZE reading;
            """);

        var column = JsonNode.Parse((await LearnAsync(database)).Json)!["reading"]!["columns"]!["level"]!;

        Assert.Equal("""[{"value":0,"weight":0.5},{"value":1,"weight":0.5}]""", column["values"]!.ToJsonString());
    }

    [Fact]
    public async Task Rows_are_scaled_where_tables_refer_to_each_other_in_a_cycle()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE line (id integer PRIMARY KEY, team_id integer NOT NULL);
            CREATE TABLE team (id integer PRIMARY KEY, lead_id integer);
            CREATE TABLE person (id integer PRIMARY KEY, team_id integer REFERENCES team);
            ALTER TABLE team ADD FOREIGN KEY (lead_id) REFERENCES person; ALTER TABLE line ADD FOREIGN KEY (team_id) REFERENCES team;
            INSERT INTO team SELECT i FROM generate_series(1, 100) i; INSERT INTO person SELECT i, i FROM generate_series(1, 100) i;
            INSERT INTO line SELECT i, 1 + i % 100 FROM generate_series(1, 400) i; ANALYZE;
            """);

        var json = JsonNode.Parse((await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions { Scale = 2 }, CancellationToken.None)).Json)!;

        Assert.NotNull(json["line"]!["per_parent"]);
        Assert.Equal(200, json["team"]!["rows_per_batch"]!.GetValue<long>());
    }

    private static Task<DiscoveredMetadata> LearnAsync(TestDatabase database, StreamModel? sensitive = null) =>
        SchemaDiscovery.ReadAsync(
            database.Connection, new DiscoveryOptions { LearnFrom = true, Sensitive = sensitive }, CancellationToken.None);
}
