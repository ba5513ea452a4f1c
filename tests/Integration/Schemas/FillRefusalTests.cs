using StreamingPg.Core.Discovery;
using StreamingPg.Core.Filling;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schemas.FilledSchema;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>What refuses or hides rows by other means than constraints: policies, functions, missing partitions.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FillRefusalTests(PostgresFixture postgres)
{
    /// <summary>Most such CHECKs take what is believable: only where they do not, other values are tried.</summary>
    [Fact]
    public async Task A_CHECK_that_nobody_understands_costs_neither_rows_nor_believable_values()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE FUNCTION empty(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT trim($1) = '' $$;
            CREATE FUNCTION is_code(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 IN ('red', 'green') $$;
            CREATE FUNCTION is_function(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 LIKE 'pg_catalog.%' $$;
            CREATE TABLE arch (id serial PRIMARY KEY, name text NOT NULL UNIQUE CHECK (NOT shop.empty(name)));
            CREATE TABLE sort (id serial PRIMARY KEY, function text NOT NULL DEFAULT 'pg_catalog.initcap' CHECK (shop.is_function(function)));
            CREATE TABLE light (id serial PRIMARY KEY, kind text NOT NULL CHECK (shop.is_code(kind) OR kind = 'red' OR shop.is_code('x' || kind)));
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 700 }));

        Assert.All(tables.Values, table => Assert.True(table is { Status: FillStatus.Filled, Made: 700 }, $"{table.Table} {table.Made}: {table.Reason}"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.arch WHERE lower(name) LIKE 'lorem%' OR name ~ '^[0-9a]$'"));
    }

    [Fact]
    public async Task Policies_that_hide_or_refuse_rows_are_their_tables_own_affair()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE calm (id serial PRIMARY KEY, v text);
            CREATE TABLE free (id serial PRIMARY KEY, v text);
            CREATE TABLE hidden (id serial PRIMARY KEY, v text);
            CREATE TABLE below (id serial PRIMARY KEY, hidden_id int NOT NULL REFERENCES hidden);
            CREATE TABLE refused (id serial PRIMARY KEY, v text);
            CREATE TABLE of_one (id serial PRIMARY KEY, tenant int NOT NULL CHECK (tenant IN (1, 2, 3)), v text);
            CREATE POLICY p ON free USING (true);
            CREATE POLICY p ON hidden FOR INSERT WITH CHECK (true);
            CREATE POLICY p ON refused USING (true) WITH CHECK (false);
            CREATE POLICY p ON of_one USING (tenant = 2) WITH CHECK (tenant = 2);
            """);
        string[] tables = ["calm", "free", "hidden", "below", "refused", "of_one"];
        var connection = await database.ConnectAsPlainRoleAsync(
        [
            "GRANT ALL ON SCHEMA shop TO {role}",
            .. tables.Select(table => $"ALTER TABLE shop.{table} OWNER TO {{role}}"),
            .. tables[1..].Where(table => table != "below").Select(table => $"ALTER TABLE shop.{table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY"),
        ]);

        foreach (var _ in new[] { 1, 2 })
        {
            var results = new Dictionary<string, TableFillResult>(StringComparer.Ordinal);
            await foreach (var table in FillRunner.RunAsync(connection, new FillOptions(), CancellationToken.None))
            {
                results.Add(table.Table, table);
            }

            Assert.All([results["calm"], results["free"], results["hidden"]], table => Assert.True(table is { Status: FillStatus.Filled, Made: 10 }, table.Reason));
            Assert.True(results["of_one"].Made > 0, results["of_one"].Reason);
            Assert.All([results["below"], results["refused"]], table =>
            {
                Assert.Equal(0, table.Made);
                Assert.False(string.IsNullOrEmpty(table.Reason) || string.IsNullOrEmpty(table.Fix), table.Table);
            });
            Assert.Contains("row-level security", results["refused"].Reason, StringComparison.Ordinal);
            Assert.Contains("\"hidden\"", results["below"].Reason, StringComparison.Ordinal);
        }

        Assert.Equal(20, await database.CountAsync("free"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.of_one WHERE tenant <> 2"));
        Assert.Equal(0, await database.CountAsync("refused"));
    }

    /// <summary>Case 25, and the same for functions of indexes: their names are found by the role's search path, as the application has it.</summary>
    [Fact]
    public async Task Functions_of_indexes_checks_and_defaults_find_their_names()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE FUNCTION spot(int, int) RETURNS point LANGUAGE sql IMMUTABLE AS 'SELECT point($1, $2)';
            CREATE FUNCTION span(int, int) RETURNS box LANGUAGE sql IMMUTABLE AS 'SELECT box(spot(0, $1), spot($2, 500000))';
            CREATE FUNCTION fresh() RETURNS int LANGUAGE sql AS 'SELECT 7 + length(spot(1, 1)::text)';
            CREATE FUNCTION sound(int) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT (spot($1, 1))[0] >= 0';
            CREATE TABLE place (id serial PRIMARY KEY, low int NOT NULL, high int NOT NULL, mark int DEFAULT fresh());
            CREATE INDEX ON place USING gist (span(low, high));
            CREATE TABLE note (id serial PRIMARY KEY, place_id int NOT NULL REFERENCES place, size int NOT NULL CHECK (sound(size)));
            CREATE INDEX ON note (place_id) WHERE sound(size);
            """);

        foreach (var options in new[] { new FillOptions(), new FillOptions { RowsPerTable = 1500 } })
        {
            database.Connection.DataSource.Clear(); // what a session has met it knows
            var tables = Assert.Single(await FillAsync(database, 1, options));
            Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, table.Reason));
        }
    }

    [Fact]
    public async Task What_a_function_refuses_names_the_function()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE shut (id serial PRIMARY KEY, v text NOT NULL);
            CREATE FUNCTION no_more() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not on Sundays'; END $$;
            CREATE TRIGGER t BEFORE INSERT ON shut FOR EACH ROW EXECUTE FUNCTION no_more();
            CREATE TABLE lost (id serial PRIMARY KEY, v text NOT NULL);
            CREATE FUNCTION log_it() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO nowhere VALUES (1); RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON lost FOR EACH ROW EXECUTE FUNCTION log_it();
            """);

        var tables = Assert.Single(await FillAsync(database, 1));

        Assert.Contains("not on Sundays", tables["shut"].Reason, StringComparison.Ordinal);
        Assert.Contains("no_more()", tables["shut"].Fix, StringComparison.Ordinal);
        Assert.Contains("\"nowhere\"", tables["lost"].Reason, StringComparison.Ordinal);
        Assert.Contains("Function log_it()", tables["lost"].Fix, StringComparison.Ordinal);
        Assert.Contains("search_path", tables["lost"].Fix, StringComparison.Ordinal);
    }

    /// <summary>The foreign keys of a table hold for its own rows, not for those of the tables that inherit from it.</summary>
    [Fact]
    public async Task Tables_that_inherit_are_filled_and_no_orphans_of_the_table_above()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE sort (id int PRIMARY KEY);
            CREATE TABLE file (id serial PRIMARY KEY, sort_id int NOT NULL REFERENCES sort, note text);
            CREATE TABLE picture (width int) INHERITS (file);
            """);

        Assert.All(Assert.Single(await FillAsync(database, 1)).Values, table => Assert.True(table.Status == FillStatus.Filled, table.Reason));
        await database.ExecuteAsync("INSERT INTO shop.picture (sort_id) VALUES (-1)");

        var model = MetadataReader.Parse((await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions(), CancellationToken.None)).Json, "live");
        await foreach (var check in IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None))
        {
            Assert.True(check.Status < IntegrityStatus.Broken, $"{check.Check}: {check.Detail}");
        }
    }

    [Fact]
    public async Task A_table_without_a_partition_gets_one_for_all_rows_from_who_may_make_it()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE by_day (day date NOT NULL, v text) PARTITION BY RANGE (day);
            CREATE TABLE by_kind (kind text PRIMARY KEY, v text) PARTITION BY LIST (kind);
            CREATE TABLE of_kind (id serial PRIMARY KEY, kind text NOT NULL REFERENCES by_kind);
            CREATE TABLE by_hash (id int NOT NULL, v text) PARTITION BY HASH (id);
            """);

        var connection = await database.ConnectAsPlainRoleAsync(
            ["GRANT ALL ON SCHEMA shop TO {role}", "GRANT ALL ON ALL TABLES IN SCHEMA shop TO {role}", "GRANT ALL ON ALL SEQUENCES IN SCHEMA shop TO {role}", "ALTER TABLE shop.by_day OWNER TO {role}"]);
        await foreach (var table in FillRunner.RunAsync(connection, new FillOptions { PlanOnly = true }, CancellationToken.None))
        {
            Assert.Equal(table.Table == "of_kind" ? null : $"It has no partition: \"{table.Table}_default\" will be created, which takes every row.", table.Reason);
        }

        var tables = new Dictionary<string, TableFillResult>(StringComparer.Ordinal);
        await foreach (var table in FillRunner.RunAsync(connection, new FillOptions(), CancellationToken.None))
        {
            tables.Add(table.Table, table);
        }

        Assert.Equal((FillStatus.Filled, 10L), (tables["by_day"].Status, tables["by_day"].Made));
        Assert.Contains("\"by_day_default\" was created", tables["by_day"].Reason, StringComparison.Ordinal);
        Assert.All([tables["by_kind"], tables["by_hash"], tables["of_kind"]], table => Assert.Equal(FillStatus.LeftOut, table.Status));
        Assert.Contains("must be owner", tables["by_kind"].Reason, StringComparison.Ordinal);
        await database.ExecuteAsync(tables["by_kind"].Fix![tables["by_kind"].Fix!.IndexOf("CREATE TABLE", StringComparison.Ordinal)..]);

        Assert.All(Assert.Single(await FillAsync(database, 1)).Values, table => Assert.True(table is { Status: FillStatus.Filled }, table.Reason));
        Assert.Equal(20, await database.CountAsync("by_day_default"));
    }

    /// <summary>What a trigger wants of several columns at once; and keys that a sequence has a default for.</summary>
    [Fact]
    public async Task Texts_of_one_kind_are_tried_and_keys_stay_keys()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE SCHEMA other; CREATE TABLE other.thing (id int PRIMARY KEY); INSERT INTO other.thing VALUES (3001), (3002);
            CREATE TABLE kind (id serial PRIMARY KEY, v text);
            CREATE TABLE claim (id serial PRIMARY KEY, kind_id serial NOT NULL REFERENCES kind);
            SELECT setval('claim_kind_id_seq', 4000);
            CREATE TABLE record (id serial PRIMARY KEY, marc text NOT NULL, old text NOT NULL, state text NOT NULL CHECK (state IN ('old', 'new')), kind int NOT NULL,
                thing_id int NOT NULL REFERENCES other.thing);
            CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM xmlparse(document new.marc), xmlparse(document new.old); PERFORM FROM shop.kind WHERE id = new.kind;
                IF NOT found THEN RAISE 'no kind %', new.kind; END IF; RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON record FOR EACH ROW EXECUTE FUNCTION look();
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 20 }));

        Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
    }

    [Fact]
    public async Task What_the_server_chooses_from_agrees_with_its_parents_where_it_can()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE firm (id serial PRIMARY KEY, name text);
            CREATE TABLE client (id serial PRIMARY KEY, firm_id int NOT NULL REFERENCES firm, name text);
            CREATE TABLE bill (id serial PRIMARY KEY, firm_id int NOT NULL REFERENCES firm, client_id int NOT NULL REFERENCES client, v int NOT NULL CHECK (v * v >= 0 AND v % 2 = 0));
            CREATE TABLE lone (id serial PRIMARY KEY, firm_id int NOT NULL UNIQUE REFERENCES firm, client_id int NOT NULL REFERENCES client, v int NOT NULL CHECK (v * v >= 0));
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 30 }));

        Assert.All(tables.Values, table => Assert.True(table.Made > 0, table.Reason));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.bill b JOIN shop.client c ON c.id = b.client_id WHERE b.firm_id <> c.firm_id"));
    }

    [Fact]
    public async Task A_circle_satisfies_CHECKs_that_nobody_understands()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE egg (id int PRIMARY KEY, a int, b date, email varchar(9) NOT NULL UNIQUE, amount numeric UNIQUE CHECK (amount <> 7), CHECK (num_nonnulls(a, b) = 1));
            CREATE TABLE hen (id int PRIMARY KEY, quantity numeric UNIQUE CHECK (quantity <> 7), egg_id int NOT NULL REFERENCES egg, x text, y text, CHECK ((x IS NULL) = (y IS NULL)));
            ALTER TABLE egg ADD COLUMN hen_id int NOT NULL REFERENCES hen;
            CREATE TABLE day (id int PRIMARY KEY, a int, b date, CHECK (num_nonnulls(a, b) = 1));
            CREATE TABLE night (id int PRIMARY KEY, day_id int NOT NULL REFERENCES day DEFERRABLE);
            ALTER TABLE day ADD COLUMN night_id int NOT NULL REFERENCES night DEFERRABLE;
            """);

        foreach (var tables in await FillAsync(database, 2, new FillOptions { RowsPerTable = 20 }))
        {
            Assert.Equal(4, tables.Count);
            Assert.All(tables.Values, table => Assert.True(table is { Status: FillStatus.Filled, Made: 20 }, table.Reason));
        }
    }
}
