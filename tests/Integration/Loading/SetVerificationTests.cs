using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>Every kind of foreign key is verified by set: a wrong reference of any kind is found, and none that is right is refused.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SetVerificationTests(PostgresFixture postgres)
{
    private const string Model = """
        {
          "countries": {"columns": {
            "code": {"type": "VARCHAR(12)", "primary_key": true, "pattern": "[A-Z]{8}"},
            "iso_number": {"type": "INTEGER", "nullable": false, "unique": true}}},
          "cities": {"columns": {
            "country": {"type": "VARCHAR(12)", "primary_key": true, "foreign_key": {"table": "countries", "column": "code"}},
            "city_no": {"type": "INTEGER", "primary_key": true}}},
          "offices": {"columns": {
            "office_id": {"type": "UUID", "primary_key": true},
            "country": {"type": "VARCHAR(12)", "nullable": false},
            "city_no": {"type": "INTEGER", "nullable": false},
            "tax_country": {"type": "INTEGER", "nullable": true, "null_ratio": 0.3, "foreign_key": {"table": "countries", "column": "iso_number"}},
            "head_id": {"type": "UUID", "nullable": true, "foreign_key": {"table": "people", "column": "person_id"}}},
            "foreign_keys": [{"columns": ["country", "city_no"], "table": "cities", "parent_columns": ["country", "city_no"]}]},
          "people": {"columns": {
            "person_id": {"type": "UUID", "primary_key": true},
            "office_id": {"type": "UUID", "nullable": false, "foreign_key": {"table": "offices", "column": "office_id"}},
            "boss_id": {"type": "UUID", "nullable": true, "null_ratio": 0.2, "foreign_key": {"table": "people", "column": "person_id"}},
            "deputy_id": {"type": "UUID", "nullable": true, "null_ratio": 0.5, "foreign_key": {"table": "people", "column": "person_id"}}}},
          "permits": {"columns": {
            "person_id": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "people", "column": "person_id"}},
            "country": {"type": "VARCHAR(12)", "primary_key": true, "foreign_key": {"table": "countries", "column": "code"}}}}
        }
        """;

    private static readonly BatchOptions Options = new()
    {
        Rows = new Dictionary<string, long> { ["countries"] = 200, ["cities"] = 800, ["offices"] = 300, ["people"] = 900, ["permits"] = 900 },
        ForeignKeyCheck = ForeignKeyCheck.Set,
        Seed = 1,
    };

    /// <summary>A table, and what becomes of one of its rows on the way in.</summary>
    private static readonly (string Table, string Harm, string Column)[] Harms =
    [
        ("cities", "NEW.country := 'nowhere'", "country"),
        ("cities", "RETURN NULL", "799"),
        ("offices", "NEW.city_no := 2000000000", "country, city_no"),
        ("offices", "NEW.tax_country := -1", "tax_country"),
        ("offices", "NEW.head_id := gen_random_uuid()", "head_id"),
        ("people", "NEW.boss_id := gen_random_uuid()", "boss_id"),
        ("people", "NEW.deputy_id := gen_random_uuid()", "deputy_id"),
        ("people", "NEW.office_id := gen_random_uuid()", "office_id"),
        ("permits", "NEW.person_id := gen_random_uuid()", "person_id"),
        ("permits", "NEW.country := 'nowhere'", "country"),
    ];

    [Fact]
    public async Task A_wrong_reference_by_any_kind_of_key_is_found()
    {
        await using var world = await RelationDatabase.CreateAsync(postgres, Model);
        await world.LoadAsync(Options);
        await world.Database.ExecuteAsync("CREATE SEQUENCE streaming.rows_seen");
        foreach (var (table, harm, column) in Harms)
        {
            await world.Database.ExecuteAsync($"""
                CREATE OR REPLACE FUNCTION streaming.harm() RETURNS trigger LANGUAGE plpgsql AS
                    $$ BEGIN IF nextval('streaming.rows_seen') = 77 THEN {harm}; END IF; RETURN NEW; END $$;
                ALTER SEQUENCE streaming.rows_seen RESTART;
                CREATE TRIGGER harm BEFORE INSERT ON streaming.{table} FOR EACH ROW EXECUTE FUNCTION streaming.harm();
                ALTER TABLE streaming.{table} ENABLE ALWAYS TRIGGER harm;
                """);
            var error = await Assert.ThrowsAsync<StreamingException>(() => world.LoadAsync(Options));
            Assert.Equal("VerificationFailed", error.ErrorId);
            Assert.Contains(table, error.Message, StringComparison.Ordinal);
            Assert.Contains(column, error.Message, StringComparison.Ordinal);
            await world.Database.ExecuteAsync($"DROP TRIGGER harm ON streaming.{table}");
        }

        Assert.Equal(3100, await world.CountAsync(
            "SELECT FROM {countries} UNION ALL SELECT FROM {cities} UNION ALL SELECT FROM {offices} UNION ALL SELECT FROM {people} UNION ALL SELECT FROM {permits}"));
    }

    [Fact]
    public async Task Rows_that_fill_gaps_and_refer_to_earlier_chunks_are_found()
    {
        await using var world = await RelationDatabase.CreateAsync(postgres, Model);
        foreach (var (size, parallel) in new[] { (100_000, 1), (1500, 2) })
        {
            var result = await world.LoadAsync(Options with
            {
                ForeignKeyCheck = ForeignKeyCheck.Auto,
                ChunkSize = size,
                Parallel = parallel,
                Rows = Options.Rows.ToDictionary(table => table.Key, table => table.Value * 3),
            });
            Assert.Equal((ForeignKeyCheck.Set, "allowed, and no trigger would be skipped"), (result.ForeignKeyCheck, result.ForeignKeyCheckReason));
            await world.AssertSoundAsync();

            // New rows go where others were, far from the end of the table.
            await world.Database.ExecuteAsync("DELETE FROM streaming.permits WHERE ctid < '(10,0)'");
            await world.Database.ExecuteAsync("VACUUM streaming.permits");
        }

        await world.LoadAsync(Options);
        Assert.NotEqual(0, await world.CountAsync("SELECT FROM {permits} WHERE ctid < '(10,0)'"));
        Assert.NotEqual(0, await world.CountAsync("SELECT FROM {offices} WHERE head_id IS NOT NULL"));
        Assert.Equal(0, await world.CountAsync("SELECT FROM {offices} o JOIN {people} p ON p.person_id = o.head_id WHERE p.office_id <> o.office_id"));
        await world.AssertSoundAsync();
    }

    [Fact]
    public async Task A_sequence_in_the_batch_hides_no_row_of_the_other_tables()
    {
        await using var world = await RelationDatabase.CreateAsync(postgres, """
            {
              "products": {"columns": {"product_id": {"type": "SERIAL", "primary_key": true}, "name": {"type": "TEXT"}}},
              "tags": {"columns": {"tag": {"type": "VARCHAR(12)", "primary_key": true, "pattern": "[A-Z]{8}"}}},
              "product_tags": {"columns": {
                "product_id": {"type": "INTEGER", "primary_key": true, "foreign_key": {"table": "products", "column": "product_id"}},
                "tag": {"type": "VARCHAR(12)", "primary_key": true, "foreign_key": {"table": "tags", "column": "tag"}}}}
            }
            """);
        var options = new BatchOptions
        {
            Rows = new Dictionary<string, long> { ["products"] = 1500, ["tags"] = 200, ["product_tags"] = 2000 },
            ForeignKeyCheck = ForeignKeyCheck.Set,
        };
        await world.LoadAsync(options);
        await world.LoadAsync(options);

        Assert.Equal(4000, await world.CountAsync("SELECT FROM {product_tags}"));
        await world.AssertSoundAsync();
    }

    [Fact]
    public async Task A_key_that_forbids_references_which_are_NULL_in_part_keeps_its_trigger()
    {
        await using var world = await RelationDatabase.CreateAsync(postgres, Model);
        await world.Database.ExecuteAsync("""
            DO $$ BEGIN
                EXECUTE (SELECT 'ALTER TABLE streaming.offices DROP CONSTRAINT ' || quote_ident(conname) FROM pg_constraint
                         WHERE conrelid = 'streaming.offices'::regclass AND confrelid = 'streaming.cities'::regclass);
            END $$;
            ALTER TABLE streaming.offices ADD FOREIGN KEY (country, city_no) REFERENCES streaming.cities MATCH FULL
            """);

        var result = await world.LoadAsync(Options with { ForeignKeyCheck = ForeignKeyCheck.Auto });

        Assert.Contains("by row: offices", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        await world.AssertSoundAsync();
    }
}
