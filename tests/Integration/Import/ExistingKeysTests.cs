using StreamingPg.Core.Analytics;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Rows whose key is in the table, or came before in the input.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ExistingKeysTests(PostgresFixture postgres)
{
    private static readonly TableModel Users = MetadataReader.Default.Table("users");
    private static readonly Guid[] Ids = [.. Enumerable.Range(1, 3000).Select(number => new Guid(number, 0, 0, new byte[8]))];

    [Fact]
    public async Task Skip_leaves_what_is_there_and_counts_it()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await ImportAsync(shop, ConflictAction.Error, importer => AddAll(importer, Ids.Take(1000), "old"));

        var result = await ImportAsync(shop, ConflictAction.Skip, importer =>
        {
            AddAll(importer, Ids, "new");
            AddAll(importer, Ids.Skip(2990), "twice");
        });

        Assert.Equal((3010L, 2000L, 2000L, 0L, 1010L), Figures(result));
        Assert.Equal([["new", 2000L], ["old", 1000L]], await NamesAsync(shop));
    }

    [Fact]
    public async Task Update_replaces_what_is_there_the_last_row_of_a_key_wins_and_the_counts_are_right()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await ImportAsync(shop, ConflictAction.Error, importer => AddAll(importer, Ids.Take(1000), "old"));

        var result = await ImportAsync(shop, ConflictAction.Update, importer =>
        {
            AddAll(importer, Ids, "new");
            AddAll(importer, [Ids[0], Ids[0], Ids[2999]], "again");
            AddAll(importer, [Ids[0]], "last");
        });

        Assert.Equal((3004L, 3004L, 2000L, 1004L, 0L), Figures(result));
        Assert.Equal([["again", 1L], ["last", 1L], ["new", 2998L]], await NamesAsync(shop));
        Assert.Equal("last", await shop.Database.ScalarAsync<string>("SELECT name FROM streaming.users WHERE user_id = $1", Ids[0]));
    }

    [Fact]
    public async Task Updates_are_no_growth_so_ledger_and_tables_agree()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await ImportAsync(shop, ConflictAction.Error, importer => AddAll(importer, Ids.Take(1000), "old"));
        await ImportAsync(shop, ConflictAction.Update, importer => AddAll(importer, Ids.Take(1500), "new"));

        var entries = await LedgerReader.ReadAsync(shop.Connection, new LedgerFilter(), CancellationToken.None);
        Assert.Equal(1500, await shop.Database.CountAsync("users"));
        Assert.Equal(1500, entries.Sum(entry => entry.TotalRows));
        Assert.Equal([new TableCount("users", 500)], entries[1].Tables);
        Assert.Equal([new TableCount("users", 1000)], entries[1].Updated);
        Assert.Empty(entries[0].Updated);
        var growth = await GrowthReader.ReadAsync(shop.Connection, MetadataReader.Default, TimeSpan.FromDays(1), estimate: true, CancellationToken.None);
        Assert.Equal((500L, 1500L, 1000L), (growth[0].LastBatch, growth[0].InPeriod, growth[0].UpdatedInPeriod));
        await BatchHelper.AssertSoundAsync(shop.Connection);
    }

    [Fact]
    public async Task Update_leaves_columns_alone_that_the_input_does_not_have()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await ImportAsync(shop, ConflictAction.Error, importer => importer.Add(Users, [Ids[0], "Ada", "ada@example.com", 36, "London", null]));

        await ImportAsync(shop, ConflictAction.Update, importer =>
        {
            importer.Add(Users, [Ids[0], null, null, null, "Paris", null], new ColumnSet([0, 4]));
            importer.Add(Users, [Ids[0], null, null, 37, null, null], new ColumnSet([0, 3]));
            importer.Add(Users, [Ids[1], "Bob", null, null, null, null], new ColumnSet([0, 1]));
        });

        Assert.Equal(
            [["Ada", "ada@example.com", 37, "Paris"], ["Bob", null, null, null]],
            await shop.Database.QueryAsync("SELECT name, email, age, city FROM streaming.users ORDER BY name"));
    }

    [Fact]
    public async Task Another_unique_key_is_not_the_key()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("CREATE UNIQUE INDEX users_email_key ON streaming.users (email)");
        await ImportAsync(shop, ConflictAction.Error, importer => importer.Add(Users, [Ids[0], "Ada", "ada@example.com", 36, null, null]));

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(
            shop, ConflictAction.Skip, importer => importer.Add(Users, [Ids[1], "Eve", "ada@example.com", 36, null, null])));

        Assert.Equal("UniqueViolation", error.ErrorId);
        Assert.Equal(1, await shop.Database.CountAsync("users"));
    }

    [Theory]
    [InlineData(ConflictAction.Skip)]
    [InlineData(ConflictAction.Update)]
    public async Task Keys_of_partitioned_tables_and_keys_alone_are_met_as_well(ConflictAction action)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "parts": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "name": { "type": "VARCHAR(20)" } } },
              "links": { "columns": { "a": { "type": "INTEGER", "primary_key": true }, "b": { "type": "INTEGER", "primary_key": true } } } }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await database.ExecuteAsync(
            """
            DROP TABLE streaming.parts;
            CREATE TABLE streaming.parts (id integer PRIMARY KEY, name varchar(20)) PARTITION BY RANGE (id);
            CREATE TABLE streaming.low PARTITION OF streaming.parts FOR VALUES FROM (0) TO (100);
            CREATE TABLE streaming.high (name varchar(20), gone integer, id integer NOT NULL);
            ALTER TABLE streaming.high DROP COLUMN gone;
            ALTER TABLE streaming.parts ATTACH PARTITION streaming.high FOR VALUES FROM (100) TO (200);
            INSERT INTO streaming.parts VALUES (1, 'old'), (150, 'old');
            INSERT INTO streaming.links VALUES (1, 1);
            """);

        IReadOnlyList<ImportResult> results;
        await using (var importer = await RowImporter.BeginAsync(database.Connection, model, new ImportOptions { OnConflict = action }, CancellationToken.None))
        {
            foreach (var id in new[] { 1, 2, 150, 151, 151 })
            {
                importer.Add(model.Table("parts"), [id, "new"]);
            }

            importer.Add(model.Table("links"), [1, 1]);
            importer.Add(model.Table("links"), [1, 2]);
            results = await importer.CompleteAsync(CancellationToken.None);
        }

        var parts = Assert.Single(results, result => result.Table == "parts");
        var links = Assert.Single(results, result => result.Table == "links");
        Assert.Equal(action == ConflictAction.Skip ? (5L, 2L, 2L, 0L, 3L) : (5L, 5L, 2L, 3L, 0L), Figures(parts));
        Assert.Equal((2L, 1L, 1L, 0L, 1L), Figures(links));
        Assert.Equal(
            action == ConflictAction.Skip ? 2L : 4L, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.parts WHERE name = 'new'"));
    }

    [Fact]
    public async Task Rows_that_conflict_and_rows_with_faults_are_told_apart()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users ADD CHECK (age < 100)");
        await ImportAsync(shop, ConflictAction.Error, importer => AddAll(importer, Ids.Take(10), "old"));
        var path = Path.Combine(Path.GetTempPath(), $"streamingpg-rejects-{Guid.NewGuid():N}.jsonl");
        try
        {
            var options = new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = path, OnConflict = ConflictAction.Skip };
            await using var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, options, CancellationToken.None);
            AddAll(importer, Ids.Take(20), "new");
            importer.Add(Users, [Ids[20], "bad", null, 100, null, null]);

            var result = Assert.Single(await importer.CompleteAsync(CancellationToken.None));

            Assert.Equal((21L, 10L, 10L, 1L), (result.Read, result.Rows, result.Skipped, result.Rejected));
            Assert.Single(await File.ReadAllLinesAsync(path));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AddAll(RowImporter importer, IEnumerable<Guid> ids, string name)
    {
        foreach (var id in ids)
        {
            importer.Add(Users, [id, name, null, 30, null, null]);
        }
    }

    private static async Task<ImportResult> ImportAsync(LoadedShop shop, ConflictAction action, Action<RowImporter> add)
    {
        await using var importer = await RowImporter.BeginAsync(
            shop.Connection, MetadataReader.Default, new ImportOptions { OnConflict = action }, CancellationToken.None);
        add(importer);
        return Assert.Single(await importer.CompleteAsync(CancellationToken.None));
    }

    private static (long Read, long Rows, long Inserted, long Updated, long Skipped) Figures(ImportResult result) =>
        (result.Read, result.Rows, result.Inserted, result.Updated, result.Skipped);

    private static Task<List<object?[]>> NamesAsync(LoadedShop shop) =>
        shop.Database.QueryAsync("SELECT name, count(*) FROM streaming.users GROUP BY name ORDER BY name");
}
