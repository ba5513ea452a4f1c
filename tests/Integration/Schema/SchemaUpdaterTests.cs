using Npgsql;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Schema;

/// <summary>Tables that are there, brought to what metadata says.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SchemaUpdaterTests(PostgresFixture postgres)
{
    private const string Before =
        """
        { "items": { "columns": {
            "id": { "type": "SERIAL", "primary_key": true },
            "name": { "type": "VARCHAR(50)" }, "price": { "type": "NUMERIC(6,2)" }, "note": { "type": "TEXT" } } } }
        """;

    [Fact]
    public async Task What_is_safe_is_done_and_then_the_tables_fit()
    {
        await using var database = await CreateAsync(Before);
        await database.ExecuteAsync("INSERT INTO streaming.items (name, price, note) SELECT 'n' || i, i, 'x' FROM generate_series(1, 100) i");
        var after = MetadataReader.Parse(
            """
            { "$types": { "colour": { "enum": ["red", "green"] } },
              "makers": { "columns": { "id": { "type": "INTEGER", "primary_key": true } } },
              "items": { "indexes": [["name", "price"]], "columns": {
                "id": { "type": "SERIAL", "primary_key": true },
                "name": { "type": "VARCHAR(80)", "nullable": false }, "price": { "type": "NUMERIC(9,3)" }, "note": { "type": "TEXT" },
                "code": { "type": "VARCHAR(10)", "unique": true },
                "colour": { "type": "colour" },
                "stock": { "type": "INTEGER", "nullable": false, "default": 7 },
                "maker_id": { "type": "INTEGER", "foreign_key": { "table": "makers", "column": "id" } } } },
              "reviews": { "columns": { "id": { "type": "INTEGER", "primary_key": true },
                "item_id": { "type": "INTEGER", "foreign_key": { "table": "items", "column": "id" } } } } }
            """);

        var plan = await SchemaUpdater.PlanAsync(database.Connection, after, new SchemaUpdateOptions(), CancellationToken.None);
        Assert.All(plan, step => Assert.Equal(SchemaUpdateState.WouldApply, step.State));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'makers'"));

        var steps = await ApplyAsync(database, after);

        Assert.All(steps, step => Assert.Equal(SchemaUpdateState.Applied, step.State));
        Assert.Equal(plan.Select(step => step.Sql), steps.Select(step => step.Sql));
        Assert.Equal(3, steps.Count(step => step is { Kind: "index", Table: "items" }));
        Assert.Empty(await ApplyAsync(database, after));
        var fits = await SchemaInitializer.InitializeAsync(database.Connection, after, planOnly: true, CancellationToken.None);
        Assert.All(fits, change => Assert.Equal(SchemaAction.Unchanged, change.Action));
        Assert.Equal([[100L, 700L]], await database.QueryAsync("SELECT count(*), sum(stock) FROM streaming.items"));
        Assert.Equal("numeric(9,3)", await TypeAsync(database, "price"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
    }

    [Fact]
    public async Task What_can_lose_data_is_refused_with_the_rows_it_touches_until_forced()
    {
        await using var database = await CreateAsync(Before);
        await database.ExecuteAsync(
            "INSERT INTO streaming.items (name, price, note) VALUES ('short', 1.25, 'a'), (repeat('x', 40), 2.5, NULL), (NULL, NULL, 'b')");
        var after = MetadataReader.Parse(
            """
            { "items": { "columns": {
                "id": { "type": "SERIAL", "primary_key": true }, "name": { "type": "VARCHAR(20)" }, "price": { "type": "NUMERIC(6,1)" },
                "size": { "type": "INTEGER" } } } }
            """);

        var steps = await ApplyAsync(database, after);

        Assert.Equal(
            [("name", 1L), ("price", 1L), ("note", 2L)],
            steps.Where(step => step.State == SchemaUpdateState.Refused).Select(step => (step.Name, step.Rows!.Value)));
        Assert.All(steps, step => Assert.Equal(step.State == SchemaUpdateState.Refused, step.LosesData));
        Assert.All(steps.Where(step => step.LosesData), step => Assert.Contains("-Force", step.Detail, StringComparison.Ordinal));
        Assert.Equal("size", Assert.Single(steps, step => step.State == SchemaUpdateState.Applied).Name);
        Assert.Equal("character varying(50)", await TypeAsync(database, "name"));

        Assert.All(await ApplyAsync(database, after, new SchemaUpdateOptions { Force = true }), step => Assert.Equal(SchemaUpdateState.Applied, step.State));
        Assert.Empty(await ApplyAsync(database, after));
        Assert.Equal(
            [["short", 1.3m], [new string('x', 20), 2.5m], [null, null]],
            await database.QueryAsync("SELECT name, price FROM streaming.items ORDER BY id"));
    }

    [Theory]
    [InlineData("\"SERIAL\", \"primary_key\": true", "\"BIGSERIAL\", \"primary_key\": true")]
    [InlineData("\"INTEGER\", \"identity\": \"always\", \"primary_key\": true", "\"BIGINT\", \"identity\": \"always\", \"primary_key\": true")]
    public async Task An_integer_becomes_bigint_with_its_sequence_when_asked(string before, string after)
    {
        const string Document = """{ "items": { "columns": { "id": { "type": ID }, "n": { "type": "INTEGER" } } } }""";
        await using var database = await CreateAsync(Document.Replace("ID", before, StringComparison.Ordinal));
        await database.ExecuteAsync("INSERT INTO streaming.items (n) VALUES (1)");
        var model = MetadataReader.Parse(Document.Replace("ID", after, StringComparison.Ordinal).Replace("\"INTEGER\" }", "\"BIGINT\" }", StringComparison.Ordinal));

        var refused = await ApplyAsync(database, model);
        Assert.All(refused, step => Assert.Equal((SchemaUpdateState.Refused, false), (step.State, step.LosesData)));
        Assert.All(refused, step => Assert.Contains("-WidenInteger", step.Detail, StringComparison.Ordinal));

        Assert.Equal(2, (await ApplyAsync(database, model, new SchemaUpdateOptions { WidenIntegers = true })).Count);

        Assert.Empty(await ApplyAsync(database, model));
        await database.ExecuteAsync("SELECT setval(pg_get_serial_sequence('streaming.items', 'id'), 3000000000)");
        Assert.Equal(3_000_000_001, await database.ScalarAsync<long>("INSERT INTO streaming.items (n) VALUES (5000000000) RETURNING id"));
    }

    [Fact]
    public async Task What_rows_stand_against_says_how_many_and_what_helps()
    {
        await using var database = await CreateAsync(Before);
        await database.ExecuteAsync("INSERT INTO streaming.items (name) VALUES (NULL), ('a'), ('b'); ALTER TABLE streaming.items ADD maker integer DEFAULT 5");
        var after = MetadataReader.Parse(
            """
            { "items": { "columns": {
                "id": { "type": "SERIAL", "primary_key": true }, "name": { "type": "VARCHAR(50)", "nullable": false }, "price": { "type": "NUMERIC(6,2)" },
                "note": { "type": "TEXT" }, "tax": { "type": "INTEGER", "nullable": false },
                "maker": { "type": "INTEGER", "foreign_key": { "table": "makers", "column": "id" } } } },
              "makers": { "columns": { "id": { "type": "INTEGER", "primary_key": true } } } }
            """);
        await database.ExecuteAsync("CREATE TABLE streaming.makers (id integer PRIMARY KEY)");

        var steps = await ApplyAsync(database, after, new SchemaUpdateOptions { Force = true });

        Assert.Equal(
            [("name", 1L), ("tax", 3L), ("items_maker_fkey", 3L)],
            steps.Where(step => step.State == SchemaUpdateState.Refused).Select(step => (step.Name, step.Rows!.Value)));
        Assert.All(steps.Where(step => step.State == SchemaUpdateState.Refused), step => Assert.NotEqual("", step.Detail));
    }

    [Fact]
    public async Task Indexes_are_built_beside_steps_that_are_refused_and_those_over_a_refused_column_are_named()
    {
        await using var database = await CreateAsync(Before);
        await database.ExecuteAsync("INSERT INTO streaming.items (name, price) VALUES (repeat('x', 40), 1)");
        var after = MetadataReader.Parse(
            """
            { "items": { "columns": {
                "id": { "type": "SERIAL", "primary_key": true }, "name": { "type": "VARCHAR(20)" }, "price": { "type": "NUMERIC(6,2)" },
                "note": { "type": "TEXT" }, "tax": { "type": "INTEGER", "nullable": false }, "size": { "type": "INTEGER" } },
                "indexes": [["size", "price"], ["tax"]] } }
            """);

        var steps = await ApplyAsync(database, after);

        Assert.Equal(
            [("items_size_price_idx", SchemaUpdateState.Applied, ""), ("items_tax_idx", SchemaUpdateState.Refused, "It needs column \"tax\", which was not created.")],
            steps.Where(step => step.Kind == "index").Select(step => (step.Name, step.State, step.Detail)).Order());
        Assert.True(await database.ScalarAsync<bool>("SELECT indisvalid FROM pg_index WHERE indexrelid = 'streaming.items_size_price_idx'::regclass"));
        Assert.DoesNotContain(await ApplyAsync(database, after), step => step.State == SchemaUpdateState.Applied);
    }

    [Fact]
    public async Task A_lock_that_is_not_to_be_had_changes_nothing()
    {
        await using var database = await CreateAsync(Before);
        await using var other = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await other.BeginTransactionAsync();
        await using (var command = new NpgsqlCommand("SELECT count(*) FROM streaming.items", other))
        {
            await command.ExecuteScalarAsync();
        }

        var after = MetadataReader.Parse(Before.Replace("\"note\"", "\"new\": { \"type\": \"TEXT\" }, \"note\"", StringComparison.Ordinal)
            .Replace("{ \"items\"", "{ \"makers\": { \"columns\": { \"id\": { \"type\": \"UUID\", \"primary_key\": true } } }, \"items\"", StringComparison.Ordinal));
        var error = await Assert.ThrowsAsync<StreamingException>(
            () => ApplyAsync(database, after, new SchemaUpdateOptions { LockTimeout = TimeSpan.FromMilliseconds(100) }));

        Assert.Equal(("LockNotAvailable", StreamingErrorKind.Timeout), (error.ErrorId, error.Kind));
        Assert.Contains("column new: add", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'makers'"));
    }

    [Fact]
    public async Task An_index_that_fails_leaves_nothing_and_one_that_was_left_invalid_is_built_anew()
    {
        await using var database = await CreateAsync(Before);
        await database.ExecuteAsync("INSERT INTO streaming.items (name) VALUES ('twice'), ('twice')");
        var after = MetadataReader.Parse(Before.Replace("\"VARCHAR(50)\"", "\"VARCHAR(60)\", \"unique\": true", StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<StreamingException>(() => ApplyAsync(database, after));

        Assert.Equal("UniqueViolation", error.ErrorId);
        Assert.Contains("twice", error.Message, StringComparison.Ordinal);
        Assert.Contains("All earlier steps are done", error.Message, StringComparison.Ordinal);
        Assert.Equal("character varying(60)", await TypeAsync(database, "name"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));

        await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("CREATE UNIQUE INDEX CONCURRENTLY items_left ON streaming.items (name)"));
        Assert.Equal(1, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        await database.ExecuteAsync("DELETE FROM streaming.items WHERE id = 1");
        var step = Assert.Single(await ApplyAsync(database, after));
        Assert.Equal(("index", "items_left"), (step.Kind, step.Name));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_index WHERE NOT indisvalid"));
        Assert.Empty(await ApplyAsync(database, after));
    }

    [Fact]
    public async Task Indexes_of_partitioned_tables_are_built_within_the_transaction()
    {
        await using var database = await CreateAsync("""{ "parts": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "n": { "type": "INTEGER" } } } }""");
        await database.ExecuteAsync(
            """
            DROP TABLE streaming.parts;
            CREATE TABLE streaming.parts (id integer PRIMARY KEY, n integer) PARTITION BY RANGE (id);
            CREATE TABLE streaming.low PARTITION OF streaming.parts FOR VALUES FROM (0) TO (100);
            """);
        var after = MetadataReader.Parse("""{ "parts": { "indexes": [["n"]], "columns": { "id": { "type": "INTEGER", "primary_key": true }, "n": { "type": "INTEGER" } } } }""");

        Assert.Single(await ApplyAsync(database, after));
        Assert.Empty(await ApplyAsync(database, after));
    }

    [Fact]
    public async Task Values_of_an_enum_are_added_and_what_only_a_person_can_do_is_said()
    {
        await using var database = await CreateAsync(
            """{ "$types": { "mood": { "enum": ["sad"] } }, "people": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "mood": { "type": "mood" } } } }""");
        var after = MetadataReader.Parse(
            """{ "$types": { "mood": { "enum": ["sad", "it's \"ok\""] } }, "people": { "columns": { "id": { "type": "INTEGER" }, "mood": { "type": "mood", "primary_key": true } } } }""");

        var steps = await ApplyAsync(database, after);

        Assert.Equal(SchemaUpdateState.Applied, Assert.Single(steps, step => step.Kind == "type").State);
        Assert.Equal(SchemaUpdateState.Refused, Assert.Single(steps, step => step.Kind == "primary key").State);
        Assert.Equal("it's \"ok\"", await database.ScalarAsync<string>("SELECT enumlabel::text FROM pg_enum ORDER BY enumsortorder DESC LIMIT 1"));
    }

    private async Task<TestDatabase> CreateAsync(string metadata)
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Parse(metadata), planOnly: false, CancellationToken.None);
        return database;
    }

    private static async Task<List<SchemaUpdate>> ApplyAsync(TestDatabase database, StreamModel model, SchemaUpdateOptions? options = null)
    {
        var steps = new List<SchemaUpdate>();
        await foreach (var step in SchemaUpdater.ApplyAsync(database.Connection, model, options ?? new SchemaUpdateOptions(), CancellationToken.None))
        {
            steps.Add(step);
        }

        return steps;
    }

    private static Task<string> TypeAsync(TestDatabase database, string column) => database.ScalarAsync<string>(
        "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'streaming.items'::regclass AND attname = $1", column);
}
