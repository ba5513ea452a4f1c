using StreamingPg.Core.Discovery;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Tables that others made are read, and filled by what was read: beside rows that are there, and with every constraint kept.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FillTests(PostgresFixture postgres)
{
    private const int Batches = 3;
    private const int RowsPerTable = 20;

    [Fact]
    public async Task Pagila_is_filled()
    {
        await using var database = await CreateAsync(postgres, Pagila.Sql);

        var model = await FillAsync(database);

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.film WHERE fulltext IS NULL OR release_year NOT BETWEEN 1901 AND 2155"));
        Assert.Equal(
            Batches * RowsPerTable,
            await database.ScalarAsync<long>("SELECT (SELECT count(*) FROM shop.payment_p1) + (SELECT count(*) FROM shop.payment_p2)"));
        Assert.DoesNotContain(model.Tables, table => table.Name.StartsWith("payment_p", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Northwind_is_filled_beside_rows_that_are_there()
    {
        await using var database = await CreateAsync(
            postgres,
            Northwind.Sql + "INSERT INTO categories VALUES (1, 'Old'), (8, 'Older'); INSERT INTO employees (employee_id, last_name, first_name) VALUES (9, 'Old', 'One');");
        await FillAsync(database, before: [("categories", 2), ("employees", 1)]);

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.orders WHERE shipped_date < order_date"));
    }

    [Fact]
    public async Task Chinook_is_filled()
    {
        await using var database = await CreateAsync(postgres, Chinook.Sql);
        await FillAsync(database);

        Assert.Equal(
            Batches * RowsPerTable, await database.ScalarAsync<long>("SELECT count(DISTINCT (playlist_id, track_id)) FROM shop.playlist_track"));
    }

    [Fact]
    public async Task Every_kind_of_CHECK_that_is_understood_is_kept()
    {
        // The server looks at each row: a batch that commits has kept them all.
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE DOMAIN land AS text CHECK (VALUE ~ '^[A-Z]{2}$');
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE TABLE item (
                id serial PRIMARY KEY CHECK (id > 0), land land NOT NULL, lands land[] NOT NULL, moods mood[] NOT NULL, code varchar(8) CHECK (code ~ '^[A-Z]{3}-\d{2,}$' AND length(code) >= 7),
                size text CHECK (size IN ('S', 'M', 'L')), weight real CHECK (weight > 0 AND weight <= 2.5), stars smallint CHECK (stars BETWEEN 1 AND 5),
                low numeric(6,2), high numeric(6,2), first date, last date, opened timestamptz, closed timestamptz, level integer CHECK (level <> 0),
                nick text CHECK (char_length(nick) BETWEEN 3 AND 6), mail text CHECK (mail LIKE '%@%'), live boolean CHECK (live),
                born date CHECK (born <= CURRENT_DATE), phone text, fax text, title text NOT NULL CHECK (btrim(title) <> ''),
                CHECK (low < high), CHECK (last > first AND last >= '2020-01-01'), CHECK (closed IS NULL OR closed >= opened),
                CHECK (phone IS NOT NULL OR fax IS NOT NULL), CHECK (low >= 10 AND high <= 20));
            """);
        await FillAsync(database);
    }

    [Fact]
    public async Task A_CHECK_that_is_not_understood_is_named_before_a_row_is_made()
    {
        await using var database = await CreateAsync(
            postgres, "CREATE TABLE item (id serial PRIMARY KEY, size integer, CONSTRAINT even CHECK (size % 2 = 0))");
        var metadata = await ReadAsync(database);
        await SchemaInitializer.InitializeAsync(database.Connection, Model(metadata), planOnly: false, CancellationToken.None);

        var error = await Assert.ThrowsAsync<StreamingException>(() => RunAsync(database, Model(metadata)));

        Assert.Equal("CheckNotUnderstood", error.ErrorId);
        Assert.Contains("Table \"item\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"even\" ((size % 2) = 0)", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) + (SELECT count(*) FROM shop.batch_ledger) FROM shop.item"));

        // The remedy that it names.
        var trusted = metadata.Json
            .Replace("\"type\": \"INTEGER\",", "\"type\": \"INTEGER\", \"values\": [2, 4, 6],", StringComparison.Ordinal)
            .Replace("\"name\": \"even\",", "\"name\": \"even\", \"trusted\": true,", StringComparison.Ordinal);
        await RunAsync(database, MetadataReader.Parse(trusted));
        Assert.Equal(RowsPerTable, await database.CountAsync("item"));
    }

    [Fact]
    public async Task New_rows_look_like_those_that_were_learnt_from()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE sale (id serial PRIMARY KEY, state text NOT NULL, amount integer NOT NULL, made date);
            INSERT INTO sale (state, amount, made)
            SELECT CASE WHEN i % 10 < 9 THEN 'paid' ELSE 'open' END, i, CASE WHEN i % 2 = 0 THEN '2020-01-01'::date + i % 100 END FROM generate_series(1, 1000) i;
            ANALYZE sale;
            """);
        var metadata = await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions { LearnFrom = true }, CancellationToken.None);
        var model = Model(metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);

        await RunAsync(database, model, rows: _ => 1000);

        var row = Assert.Single(await database.QueryAsync(
            """
            SELECT count(*) FILTER (WHERE state = 'paid'), count(*) FILTER (WHERE state NOT IN ('paid', 'open')), avg(amount)::int, min(amount), max(amount),
                   count(*) FILTER (WHERE made IS NULL), min(made)::text >= '2020-01-01' AND max(made)::text <= '2020-04-09'
            FROM shop.sale WHERE id > 1000
            """));
        Assert.InRange((long)row[0]!, 860, 940); // 900, four standard deviations of 9.5
        Assert.Equal(0L, row[1]);
        Assert.InRange((int)row[2]!, 460, 540);
        Assert.InRange((int)row[3]!, 1, 50);
        Assert.InRange((int)row[4]!, 950, 1000);
        Assert.InRange((long)row[5]!, 435, 565);
        Assert.Equal(true, row[6]);
    }

    /// <summary>Reads the schema, runs a few batches of all its tables, and proves that nothing is broken.</summary>
    private static async Task<StreamModel> FillAsync(
        TestDatabase database, Func<string, long>? rows = null, double existingRatio = 0.5, params (string Table, long Rows)[] before)
    {
        var model = Model(await ReadAsync(database));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        for (var batch = 0; batch < Batches; batch++)
        {
            await RunAsync(database, model, rows, existingRatio);
        }

        foreach (var name in model.Tables.Select(table => table.Name))
        {
            var there = before.FirstOrDefault(entry => entry.Table == name).Rows;
            Assert.Equal((name, there + (Batches * (rows?.Invoke(name) ?? RowsPerTable))), (name, await database.CountAsync(name)));
        }

        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            Assert.True(result.Status < IntegrityStatus.Broken || result.Severity == IntegritySeverity.Warning, $"{result.Check}: {result.Detail}");
        }

        return model;
    }

    private static Task<BatchResult> RunAsync(
        TestDatabase database, StreamModel model, Func<string, long>? rows = null, double existingRatio = 0.5) =>
        BatchRunner.RunAsync(
            database.Connection,
            model,
            new BatchOptions
            {
                Rows = model.Tables.ToDictionary(table => table.Name, table => rows?.Invoke(table.Name) ?? RowsPerTable),
                ExistingRatio = existingRatio,
                Seed = 1,
            },
            progress: null,
            CancellationToken.None);
}
