using System.Text.Json;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Rows of tables whose foreign keys run in a cycle: all that hold together go in, the others are rejected, and nothing is half-loaded.</summary>
[Collection(SharedPostgres.Name)]
public sealed class CircularRowsTests(PostgresFixture postgres) : IDisposable
{
    /// <summary>Every shop has a manager, who works in a shop.</summary>
    private const string Json =
        """
        { "shops": { "columns": {
            "shop_id": { "type": "INTEGER", "primary_key": true }, "city": { "type": "VARCHAR(40)", "unique": true },
            "manager_id": { "type": "INTEGER", "nullable": true, "foreign_key": { "table": "workers", "column": "worker_id" } } } },
          "workers": { "columns": {
            "worker_id": { "type": "SERIAL", "primary_key": true }, "name": { "type": "VARCHAR(40)" }, "state": { "type": "VARCHAR(10)", "default": "new" },
            "shop_id": { "type": "INTEGER", "nullable": false, "foreign_key": { "table": "shops", "column": "shop_id" } } } },
          "shifts": { "columns": {
            "shift_id": { "type": "SERIAL", "primary_key": true },
            "worker_id": { "type": "INTEGER", "nullable": false, "foreign_key": { "table": "workers", "column": "worker_id" } } } } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-circular-").FullName;

    private string RejectPath => Path.Combine(_folder, "rejects.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ImportErrorAction.Stop, ConflictAction.Error)]
    [InlineData(ImportErrorAction.Stop, ConflictAction.Skip)]
    [InlineData(ImportErrorAction.Reject, ConflictAction.Error)]
    [InlineData(ImportErrorAction.Reject, ConflictAction.Update)]
    public async Task A_cycle_is_loaded_even_where_no_key_may_be_NULL_or_wait(ImportErrorAction onError, ConflictAction onConflict)
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Json.Replace(
            """ "nullable": true, "foreign_key": { "table": "workers", "column": "worker_id" } } } },""",
            """ "nullable": false } }, "foreign_keys": [ { "columns": ["manager_id"], "table": "workers", "parent_columns": ["worker_id"], "deferrable": true } ] },""",
            StringComparison.Ordinal));
        await database.Database.ExecuteAsync($"ALTER TABLE {database.Connection.Quote("shops")} ALTER CONSTRAINT shops_manager_id_fkey NOT DEFERRABLE");
        var model = database.Model;
        Assert.Contains(model.Tables, table => table.ForeignKeys.Any(key => key.IsLoadedLater && !table.IsOptional(key)));

        var results = await ImportAsync(database, model, onError, onConflict, importer =>
        {
            for (var number = 1; number <= 3000; number++)
            {
                importer.Add(model.Table("shifts"), [null, number]);
                importer.Add(model.Table("shops"), [number, $"city {number}", 3001 - number]);
                importer.Add(model.Table("workers"), [number, new string('n', 40), null, number], new ColumnSet(number % 2 == 0 ? [0, 1, 3] : [0, 1, 2, 3]));
            }

            importer.Add(model.Table("workers"), [null, "without a number", "old", 7]);
        });

        Assert.Equal(
            [("shops", 3000L, 3000L, 0L), ("workers", 3001L, 3001L, 0L), ("shifts", 3000L, 3000L, 0L)],
            results.Select(result => (result.Table, result.Read, result.Rows, result.Rejected)).OrderBy(result => result.Table != "shops").ThenBy(result => result.Table == "shifts"));
        Assert.Equal(3000, await database.CountAsync("SELECT FROM {shops} JOIN {workers} ON worker_id = manager_id"));
        Assert.Equal(1500, await database.CountAsync("SELECT FROM {workers} WHERE state = 'new'"));
        Assert.Equal(3001, await database.Database.ScalarAsync<int>($"SELECT max(worker_id) FROM {database.Connection.Quote("workers")}"));
        await database.AssertSoundAsync();
    }

    [Fact]
    public async Task Faulty_rows_of_a_cycle_take_with_them_what_refers_to_them_and_nothing_else()
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Json);
        var (shops, workers, shifts) = (database.Model.Table("shops"), database.Model.Table("workers"), database.Model.Table("shifts"));

        var results = await ImportAsync(database, database.Model, ImportErrorAction.Reject, ConflictAction.Error, importer =>
        {
            importer.Add(shops, [1, "Rome", 1]);
            importer.Add(workers, [1, "a", "x", 1]);
            importer.Add(shops, [2, "Oslo", 99]); // row 3: no such worker
            importer.Add(workers, [2, "b", "x", 2]); // row 4: of a shop that is rejected
            importer.Add(shops, [3, "Bern", 2]); // row 5: its manager is rejected
            importer.Add(shops, [4, "Rome", 3]); // row 6: the city is taken by row 1, which waits too
            importer.Add(workers, [3, "c", "x", 4]); // row 7
            importer.Add(workers, [4, new string('n', 41), "x", 1]); // row 8: too long
            importer.Add(shops, [5, "Kiev", 5]);
            importer.Add(workers, [5, "e", "x", 5]);
            importer.Add(shifts, [null, 4]); // row 11
            importer.Add(shifts, [null, 5]);
            importer.Add(shops, [6, "Lima", null]);
        });

        Assert.Equal(
            [("shifts", 2L, 1L, 1L), ("shops", 6L, 3L, 3L), ("workers", 5L, 2L, 3L)],
            results.Select(result => (result.Table, result.Read, result.Rows, result.Rejected)).OrderBy(result => result.Table));
        Assert.Equal([[1, 1], [5, 5], [6, null]], await database.Database.QueryAsync($"SELECT shop_id, manager_id FROM {database.Connection.Quote("shops")} ORDER BY 1"));
        var rejects = File.ReadLines(RejectPath).Select(line => JsonDocument.Parse(line).RootElement).ToList();
        Assert.Equal(
            [(3, "23503"), (4, "23503"), (5, "23503"), (6, "23505"), (7, "23503"), (8, "22000"), (11, "23503")],
            rejects.Select(reject => (reject.GetProperty("row").GetInt32(), reject.GetProperty("sqlstate").GetString()!)).Order());
        Assert.Contains("(manager_id)=(99)", rejects.Single(reject => reject.GetProperty("row").GetInt32() == 3).GetProperty("reason").GetString(), StringComparison.Ordinal);
        await database.AssertSoundAsync();
    }

    [Fact]
    public async Task Random_references_in_a_cycle_add_up_to_the_largest_set_that_holds_together()
    {
        for (var seed = 1; seed <= 15; seed++)
        {
            await using var database = await RelationDatabase.CreateAsync(postgres, Json);
            var (shops, workers) = (database.Model.Table("shops"), database.Model.Table("workers"));
            var random = new Random(seed);
            var share = random.Next(0, 3) * 0.04;
            var managers = Enumerable.Range(0, 400).Select(_ => random.NextDouble() < share ? 9999 : random.Next(0, 400)).ToArray();
            var places = Enumerable.Range(0, 400).Select(_ => random.NextDouble() < share ? 9999 : random.Next(0, 400)).ToArray();
            var path = Path.Combine(_folder, $"{seed}.jsonl");

            var results = await ImportAsync(database, database.Model, ImportErrorAction.Reject, ConflictAction.Error, importer =>
            {
                for (var number = 0; number < 400; number++)
                {
                    importer.Add(workers, [number, "w", "x", places[number]]);
                    importer.Add(shops, [number, $"city {number}", managers[number]]);
                }
            }, path);

            var (goodShops, goodWorkers) = (Enumerable.Range(0, 400).ToHashSet(), Enumerable.Range(0, 400).ToHashSet());
            while (goodShops.RemoveWhere(number => !goodWorkers.Contains(managers[number])) + goodWorkers.RemoveWhere(number => !goodShops.Contains(places[number])) > 0)
            {
            }

            Assert.All(results, result => Assert.Equal((400L, 400L), (result.Read, result.Rows + result.Rejected)));
            Assert.Equal(goodShops.Order(), (await database.Database.QueryAsync($"SELECT shop_id FROM {database.Connection.Quote("shops")} ORDER BY 1")).Select(row => (int)row[0]!));
            Assert.Equal(goodWorkers.Order(), (await database.Database.QueryAsync($"SELECT worker_id FROM {database.Connection.Quote("workers")} ORDER BY 1")).Select(row => (int)row[0]!));
            Assert.Equal(800 - goodShops.Count - goodWorkers.Count, File.Exists(path) ? File.ReadLines(path).Count() : 0);
        }
    }

    [Fact]
    public async Task A_cycle_that_does_not_close_ends_an_import_that_is_to_stop_and_nothing_stays()
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, Json);

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, database.Model, ImportErrorAction.Stop, ConflictAction.Error, importer =>
        {
            importer.Add(database.Model.Table("shops"), [1, "Rome", 1]);
            importer.Add(database.Model.Table("workers"), [1, "a", "x", 2]);
        }));

        Assert.Equal("23503", error.SqlState);
        Assert.Equal(0, await database.CountAsync("SELECT FROM {shops}"));
        Assert.Equal(0, await database.CountAsync("SELECT FROM {workers}"));
    }

    private async Task<IReadOnlyList<ImportResult>> ImportAsync(
        RelationDatabase database, StreamModel model, ImportErrorAction onError, ConflictAction onConflict, Action<RowImporter> add, string? path = null)
    {
        var options = new ImportOptions
        {
            OnError = onError,
            OnConflict = onConflict,
            RejectPath = onError == ImportErrorAction.Reject ? path ?? RejectPath : null,
        };
        await using var importer = await RowImporter.BeginAsync(database.Connection, model, options, CancellationToken.None);
        add(importer);
        return await importer.CompleteAsync(CancellationToken.None);
    }
}
