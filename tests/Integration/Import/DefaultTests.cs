using StreamingPg.Core.Loading.Import;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>What the input does not have is the server's to fill: columns get their defaults, in each row by itself.</summary>
[Collection(SharedPostgres.Name)]
public sealed class DefaultTests(PostgresFixture postgres) : IDisposable
{
    private const string Json =
        """
        { "offers": { "columns": {
            "code": { "type": "UUID", "primary_key": true },
            "name": { "type": "VARCHAR(40)", "nullable": false },
            "state": { "type": "VARCHAR(10)", "nullable": true, "default": "new" },
            "made_at": { "type": "TIMESTAMPTZ", "nullable": true, "default": { "sql": "now()" } } } } }
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-defaults-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData(ImportErrorAction.Stop, ConflictAction.Error)]
    [InlineData(ImportErrorAction.Reject, ConflictAction.Error)]
    [InlineData(ImportErrorAction.Stop, ConflictAction.Skip)]
    [InlineData(ImportErrorAction.Reject, ConflictAction.Update)]
    public async Task A_column_that_a_row_lacks_gets_its_default_and_one_without_a_value_is_NULL(ImportErrorAction onError, ConflictAction onConflict)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Json);
        await shop.Database.ExecuteAsync($"ALTER TABLE {shop.Connection.Quote("offers")} ALTER code SET DEFAULT gen_random_uuid()");
        var table = shop.Model.Table("offers");
        var code = Guid.NewGuid();

        var result = Assert.Single(await ImportAsync(shop, onError, onConflict, importer =>
        {
            importer.Add(table, [Guid.NewGuid(), "all", "old", "2024-01-01T00:00:00Z"]);
            importer.Add(table, [Guid.NewGuid(), "null", null, null]);
            importer.Add(table, [code, "neither", null, null], new ColumnSet([0, 1]));
            importer.Add(table, [null, "no key", "old", null], new ColumnSet([1, 2]));
            importer.Add(table, [null, "only name", null, null], new ColumnSet([1]));
            importer.Add(table, [Guid.NewGuid(), "null again", null, null]);
        }));

        Assert.Equal((6L, 6L, 0L), (result.Read, result.Rows, result.Rejected));
        Assert.Equal(
            [["all", "old", true], ["neither", "new", true], ["no key", "old", true], ["null", null, false], ["null again", null, false], ["only name", "new", true]],
            await shop.Database.QueryAsync($"SELECT name, state, made_at IS NOT NULL FROM {shop.Connection.Quote("offers")} ORDER BY name"));
    }

    [Fact]
    public async Task An_update_leaves_what_the_row_lacks_as_it_is()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Json);
        var table = shop.Model.Table("offers");
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        await ImportAsync(shop, ImportErrorAction.Stop, ConflictAction.Error, importer => importer.Add(table, [first, "a", "old", null]));

        var result = Assert.Single(await ImportAsync(shop, ImportErrorAction.Stop, ConflictAction.Update, importer =>
        {
            importer.Add(table, [first, "b", null, null], new ColumnSet([0, 1]));
            importer.Add(table, [second, "c", null, null], new ColumnSet([0, 1]));
            importer.Add(table, [second, null, "sold", null], new ColumnSet([0, 2]));
        }));

        Assert.Equal((1L, 2L), (result.Inserted, result.Updated));
        Assert.Equal(
            [["b", "old"], ["c", "sold"]], await shop.Database.QueryAsync($"SELECT name, state FROM {shop.Connection.Quote("offers")} ORDER BY name"));
    }

    [Fact]
    public async Task Rows_that_lack_columns_in_every_way_are_loaded_in_constant_memory()
    {
        var columns = string.Join(", ", Enumerable.Range(0, 9).Select(number => $$""" "c{{number}}": { "type": "INTEGER", "nullable": true, "default": 7 }"""));
        await using var database = await RelationDatabase.CreateAsync(postgres, $$"""{ "wide": { "columns": { "id": { "type": "SERIAL", "primary_key": true }, {{columns}}, "n": { "type": "INTEGER" } } } }""");
        var table = database.Model.Table("wide");

        var result = Assert.Single(await ImportAsync(database, ImportErrorAction.Stop, ConflictAction.Error, importer =>
        {
            for (var row = 0; row < 4096; row++)
            {
                object?[] values = new object?[11];
                var given = Enumerable.Range(1, 10).Where(column => column == 10 || (row & (1 << (column - 1))) != 0).ToList();
                given.ForEach(column => values[column] = 1);
                importer.Add(table, values, new ColumnSet(given));
            }
        }));

        Assert.Equal(4096, result.Rows);
        Assert.Equal(512, await database.CountAsync("SELECT DISTINCT c0, c1, c2, c3, c4, c5, c6, c7, c8 FROM {wide}"));
        Assert.Equal(4096, await database.CountAsync("SELECT FROM {wide} WHERE c0 IN (1, 7) AND c8 IN (1, 7)"));
    }

    [Theory]
    [InlineData(ImportErrorAction.Stop)]
    [InlineData(ImportErrorAction.Reject)]
    public async Task A_row_without_any_value_is_faulty(ImportErrorAction onError)
    {
        await using var database = await RelationDatabase.CreateAsync(postgres, """{ "wide": { "columns": { "id": { "type": "SERIAL", "primary_key": true } } } }""");
        var import = ImportAsync(database, onError, ConflictAction.Error, importer => importer.Add(database.Model.Table("wide"), [null]));

        if (onError == ImportErrorAction.Reject)
        {
            Assert.Equal(1, Assert.Single(await import).Rejected);
            return;
        }

        var error = await Assert.ThrowsAsync<StreamingException>(() => import);
        Assert.Contains("none of its properties matches a column of \"wide\"", error.Message, StringComparison.Ordinal);
    }

    private async Task<IReadOnlyList<ImportResult>> ImportAsync(
        RelationDatabase shop, ImportErrorAction onError, ConflictAction onConflict, Action<RowImporter> add)
    {
        var path = onError == ImportErrorAction.Reject ? Path.Combine(_folder, "rejects.jsonl") : null;
        var options = new ImportOptions { OnError = onError, OnConflict = onConflict, RejectPath = path };
        await using var importer = await RowImporter.BeginAsync(shop.Connection, shop.Model, options, CancellationToken.None);
        add(importer);
        return await importer.CompleteAsync(CancellationToken.None);
    }
}
