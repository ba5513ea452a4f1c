using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Unique indexes over a part of the rows, over the case of texts, and over other expressions. The server refuses what breaks
/// them: a batch that commits at once has kept them.</summary>
[Collection(SharedPostgres.Name)]
public sealed class DistinctTests(PostgresFixture postgres)
{
    private const string Sql = """
        CREATE TABLE owner (id serial PRIMARY KEY, "Full name" varchar(60) NOT NULL);
        CREATE UNIQUE INDEX name_folded ON owner (upper("Full name"));
        CREATE TABLE item (id serial PRIMARY KEY, code text NOT NULL CHECK (code ~ '^[A-Za-z]{2}$'), mark varchar(9) NOT NULL, word text NOT NULL, size integer NOT NULL,
            hidden boolean NOT NULL, owner integer NOT NULL REFERENCES owner);
        CREATE UNIQUE INDEX code_folded ON item (lower(code));
        CREATE UNIQUE INDEX mark_folded ON item (lower(mark::text)) WHERE NOT hidden;
        CREATE UNIQUE INDEX size_shown ON item (size) WHERE NOT hidden;
        CREATE UNIQUE INDEX word_of_owner ON item (owner, lower(word));
        INSERT INTO owner ("Full name") SELECT 'OWNER ' || i FROM generate_series(1, 20) i;
        INSERT INTO item (code, mark, word, size, hidden, owner) VALUES ('Ab', 'AAA', 'LOREM', 7, true, 1), ('aC', 'AAA', 'Ipsum', 7, true, 1);
        """;

    [Fact]
    public async Task Rows_are_made_that_keep_them_to_the_last_value()
    {
        await using var database = await CreateAsync(postgres, Sql);
        var metadata = await ReadAsync(database);
        var model = Model(metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);

        foreach (var (owners, items) in ((int, int)[])[(200, 40), (0, 60), (1500, 30)])
        {
            var result = await LoadAsync(database, model, ("owner", owners), ("item", items));
            Assert.Equal(0, result.Retries);
        }

        Assert.Equal(132, await database.ScalarAsync<long>("SELECT count(DISTINCT lower(code)) FROM shop.item"));
        Assert.Equal(
            [
                "item: the unique index mark_folded covers only the rows where NOT hidden, but lower(mark::text) will be distinct in all new rows. Remove it from \"distinct\" if that allows too few rows.",
                "item: the unique index size_shown covers only the rows where NOT hidden, but size will be distinct in all new rows. Remove it from \"distinct\" if that allows too few rows.",
            ],
            metadata.Notes.Select(note => note.ToString()));

        // What rows that are hidden have in common breaks nothing, and no key is made of it.
        Assert.DoesNotContain(await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: true, default), change => change.Action != SchemaAction.Unchanged);
        await foreach (var check in IntegrityChecker.CheckAsync(database.Connection, model, default))
        {
            Assert.True(check.Status < IntegrityStatus.Broken, check.Check);
        }
    }

    [Fact]
    public async Task Values_that_run_out_are_named_before_a_row_is_made()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE item (id serial PRIMARY KEY, state text NOT NULL CHECK (state IN ('open', 'Open', 'shut', 'OPEN')));
            CREATE UNIQUE INDEX ON item (lower(state));
            INSERT INTO item (state) VALUES ('Open')
            """);
        var model = Model(await ReadAsync(database));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);

        var error = await Assert.ThrowsAsync<StreamingException>(() => LoadAsync(database, model, ("item", 2)));
        await LoadAsync(database, model, ("item", 1));

        Assert.Equal(("UniqueValuesExhausted", "item.state"), (error.ErrorId, error.Target));
        Assert.Contains("can have only 1 more distinct values after lower(), but 2 were requested", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"distinct\"", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_expression_is_named_with_index_and_table()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE item (id serial PRIMARY KEY, a integer NOT NULL, b integer NOT NULL, word text);
            CREATE UNIQUE INDEX sum ON item ((a + b));
            CREATE UNIQUE INDEX pair ON item (lower(word), upper(word)) WHERE a > 0;
            """);

        var metadata = await ReadAsync(database);

        Assert.Equal(
            [
                "item: the unique index sum is over (a + b), which metadata cannot express. The server rejects rows that violate it: list columns in \"distinct\" whose values must differ.",
                "item: the unique index pair is over lower(word), upper(word) where a > 0, which metadata cannot express. The server rejects rows that violate it: list columns in \"distinct\" whose values must differ.",
            ],
            metadata.Notes.Select(note => note.ToString()));
        Assert.Empty(Model(metadata).Table("item").Distinct);
    }

    private static Task<BatchResult> LoadAsync(TestDatabase database, StreamModel model, params (string Table, int Rows)[] rows) => BatchRunner.RunAsync(
        database.Connection, model, new BatchOptions { Rows = rows.ToDictionary(table => table.Table, table => (long)table.Rows), Seed = 1 }, progress: null, default);
}
