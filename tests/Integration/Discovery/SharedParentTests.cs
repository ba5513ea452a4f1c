using StreamingPg.Core.Discovery;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>That a row leads to the same parent by all ways is supposed from the keys; the rows that are there know better.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SharedParentTests(PostgresFixture postgres)
{
    private const string Tables =
        """
        CREATE TABLE customer (id int PRIMARY KEY);
        CREATE TABLE site (id int PRIMARY KEY, customer_id int NOT NULL REFERENCES customer);
        CREATE TABLE meter (id int PRIMARY KEY, site_id int NOT NULL REFERENCES site);
        CREATE TABLE ticket (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, site_id int NOT NULL REFERENCES site, customer_id int NOT NULL REFERENCES customer);
        CREATE TABLE reading (
            id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, meter_id int NOT NULL REFERENCES meter, customer_id int NOT NULL,
            CONSTRAINT read_for FOREIGN KEY (customer_id) REFERENCES customer DEFERRABLE);
        INSERT INTO customer VALUES (1), (2);
        INSERT INTO site VALUES (1, 1), (2, 2);
        INSERT INTO meter VALUES (1, 1), (2, 2);
        INSERT INTO ticket (site_id, customer_id) VALUES (1, 1), (2, 2);
        INSERT INTO reading (meter_id, customer_id) VALUES (1, 1), (2, 2);
        """;

    [Fact]
    public async Task Rows_that_lead_elsewhere_show_that_it_is_no_rule_and_others_are_only_worth_a_warning()
    {
        await using var database = await CreateAsync(postgres, Tables);
        var before = Model(await ReadAsync(database));
        Assert.Equal([ParentAgreement.Usual, ParentAgreement.Usual], [Agreement(before, "ticket"), Agreement(before, "reading")]);

        await database.ExecuteAsync("INSERT INTO shop.ticket (site_id, customer_id) VALUES (1, 2); INSERT INTO shop.reading (meter_id, customer_id) VALUES (2, 1)");
        var found = (await CheckAsync(database, before)).Where(check => check.Check.StartsWith("SharedParent", StringComparison.Ordinal)).ToList();
        Assert.Equal(["SharedParent ticket.customer_id = site.customer_id", "SharedParent reading.customer_id = site.customer_id"], found.Select(check => check.Check));
        Assert.All(found, check => Assert.True(check is { Count: 1, Severity: IntegritySeverity.Warning }));
        Assert.Equal(IntegrityStatus.Passed, IntegrityChecker.Verdict(found));

        var discovered = await ReadAsync(database);
        var after = Model(discovered);
        Assert.Empty(discovered.Notes);
        Assert.Equal([ParentAgreement.None, ParentAgreement.None], [Agreement(after, "ticket"), Agreement(after, "reading")]);
        Assert.DoesNotContain(await CheckAsync(database, after), check => check.Check.StartsWith("SharedParent", StringComparison.Ordinal));

        await SchemaInitializer.InitializeAsync(database.Connection, after, planOnly: false, CancellationToken.None);
        var options = new BatchOptions { Rows = new Dictionary<string, long> { ["ticket"] = 100 }, Seed = 1 };
        await BatchRunner.RunAsync(database.Connection, after, options, progress: null, CancellationToken.None);
        Assert.True(await database.ScalarAsync<long>("SELECT count(*) FROM shop.ticket t JOIN shop.site s ON s.id = t.site_id WHERE s.customer_id <> t.customer_id") > 10);
    }

    private static ParentAgreement Agreement(StreamModel model, string table) =>
        model.Table(table).ForeignKeys.Single(key => key.Columns.Contains("customer_id")).Agreement;

    private static async Task<List<IntegrityResult>> CheckAsync(TestDatabase database, StreamModel model)
    {
        var results = new List<IntegrityResult>();
        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            results.Add(result);
        }

        return results;
    }
}
