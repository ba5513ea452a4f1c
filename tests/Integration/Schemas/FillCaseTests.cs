using StreamingPg.Core.Filling;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schemas.FilledSchema;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>One command fills what is there: a table that cannot be filled is named, and the others are filled.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FillCaseTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_plain_schema_is_filled_twice_and_the_plan_changes_nothing()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE city (id serial PRIMARY KEY, name text NOT NULL UNIQUE);
            CREATE TABLE shopper (id serial PRIMARY KEY, city_id int NOT NULL REFERENCES city, email text);
            """);

        var planned = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 100, PlanOnly = true }));
        Assert.Equal(["city", "shopper"], planned.Keys);
        Assert.All(planned.Values, table => Assert.Equal((FillStatus.Planned, 100L, 0L), (table.Status, table.Requested, table.Made)));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM pg_class WHERE relname = 'batch_ledger'"));

        await FillAsync(database, 2, new FillOptions { RowsPerTable = 100 });

        Assert.Equal(200, await database.CountAsync("shopper"));
        Assert.Equal(400, await database.ScalarAsync<long>("SELECT sum(r.value::bigint)::bigint FROM shop.batch_ledger, jsonb_each_text(rows) r"));
    }

    [Fact]
    public async Task Every_common_CHECK_is_satisfied()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE DOMAIN even AS int CHECK (VALUE % 2 = 0);
            CREATE TABLE one_of_two (id serial PRIMARY KEY, x int, y int, CHECK ((x IS NULL) <> (y IS NULL)));
            CREATE TABLE counted (id serial PRIMARY KEY, a int, b text, c date, CHECK (num_nonnulls(a, b, c) = 1));
            CREATE TABLE json (id serial PRIMARY KEY, j jsonb NOT NULL CHECK (jsonb_typeof(j) = 'object'), k jsonb CHECK (jsonb_typeof(k) = 'array'));
            CREATE TABLE lower_case (id serial PRIMARY KEY, first_name text NOT NULL CHECK (lower(first_name) = first_name));
            CREATE TABLE octets (id serial PRIMARY KEY, sha bytea NOT NULL CHECK (octet_length(sha) = 32), word text CHECK (octet_length(word) BETWEEN 3 AND 8));
            CREATE TABLE unequal (id serial PRIMARY KEY, x int NOT NULL, y int NOT NULL, CHECK (x <> y));
            CREATE TABLE cases (id serial PRIMARY KEY, kind text NOT NULL, amount numeric, CHECK (CASE kind WHEN 'free' THEN amount IS NULL WHEN 'paid' THEN amount > 0 ELSE false END));
            CREATE TABLE implied (id serial PRIMARY KEY, state text NOT NULL CHECK (state = ANY (ARRAY['open'::text, 'done'::text])), done_at timestamptz,
                CHECK (state <> 'done' OR done_at IS NOT NULL), CHECK (state <> 'open' OR done_at IS NULL));
            CREATE TABLE coalesced (id serial PRIMARY KEY, a int, b int, CHECK (coalesce(a, b) IS NOT NULL AND coalesce(a, 0) < 500));
            CREATE TABLE arithmetic (id serial PRIMARY KEY, starts date NOT NULL, ends date NOT NULL, CHECK (ends - starts < 400), CHECK (ends >= starts));
            CREATE TABLE present (id serial PRIMARY KEY, seen_at timestamptz NOT NULL CHECK (seen_at <= now() + interval '1 day'));
            CREATE TABLE modulo (id serial PRIMARY KEY, n even NOT NULL, m int NOT NULL CHECK (m % 3 = 1));
            """);

        var results = await FillAsync(database, 2, new FillOptions { RowsPerTable = 50 });

        Assert.All(results.SelectMany(run => run.Values), table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Made} {table.Reason}"));
        Assert.Equal(2, await database.ScalarAsync<long>("SELECT count(DISTINCT kind) FROM shop.cases"));
    }

    [Fact]
    public async Task A_CHECK_that_nothing_satisfies_fails_its_table_alone()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE never (id serial PRIMARY KEY, v int NOT NULL CHECK (v * v = -1));
            CREATE TABLE below (id serial PRIMARY KEY, never_id int NOT NULL REFERENCES never);
            CREATE TABLE calm (id serial PRIMARY KEY, v text);
            """);

        var tables = Assert.Single(await FillAsync(database, 1));

        Assert.Equal(FillStatus.Failed, tables["never"].Status);
        Assert.Contains("never_v_check", tables["never"].Reason, StringComparison.Ordinal);
        Assert.Equal(FillStatus.LeftOut, tables["below"].Status);
        Assert.Contains("\"never\"", tables["below"].Reason, StringComparison.Ordinal);
        Assert.Equal(FillStatus.Filled, tables["calm"].Status);
        Assert.False(string.IsNullOrEmpty(tables["never"].Fix));
    }

    [Fact]
    public async Task Counts_that_cannot_be_met_are_met_as_far_as_possible()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TYPE colour AS ENUM ('red', 'green', 'blue');
            CREATE TABLE paint (colour colour PRIMARY KEY, price int);
            CREATE TABLE wall (id serial PRIMARY KEY, name text);
            CREATE TABLE coat (colour colour REFERENCES paint, wall_id int REFERENCES wall, PRIMARY KEY (colour, wall_id));
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 4 }));
        Assert.Equal((FillStatus.Partial, 4L, 3L), (tables["paint"].Status, tables["paint"].Requested, tables["paint"].Made));
        Assert.Contains("only 3 more distinct values", tables["paint"].Reason, StringComparison.Ordinal);

        var again = Assert.Single(await FillAsync(database, 1, new FillOptions { Rows = new Dictionary<string, long> { ["coat"] = 100 } }));
        Assert.Equal(FillStatus.Partial, again["coat"].Status);
        Assert.Equal(12, await database.CountAsync("coat"));
    }

    [Fact]
    public async Task Exclusion_expression_and_partial_unique_constraints_are_kept()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE person (id serial PRIMARY KEY, name text); CREATE TABLE spot (id serial PRIMARY KEY, name text);
            CREATE TABLE distance (id serial PRIMARY KEY, person_id int NOT NULL REFERENCES person, spot_id int REFERENCES spot, km int);
            CREATE UNIQUE INDEX ON distance (person_id, coalesce(spot_id, -1));
            CREATE TABLE hire (id serial PRIMARY KEY, starts timestamptz NOT NULL, ends timestamptz NOT NULL, CHECK (ends > starts),
                EXCLUDE USING gist (tstzrange(starts, ends) WITH &&));
            """);

        var tables = Assert.Single(await FillAsync(database, 1));

        Assert.Equal((FillStatus.Filled, 30L), (tables["distance"].Status, tables["distance"].Made));
        Assert.True(tables["hire"].Made > 0, tables["hire"].Reason);

        var hire = Assert.Single(await FillAsync(database, 1, new FillOptions { Rows = new Dictionary<string, long> { ["hire"] = 400 } }))["hire"];
        Assert.True(hire is { Status: FillStatus.Filled, Made: 400 }, $"{hire.Made}: {hire.Reason}");
    }

    [Fact]
    public async Task Triggers_and_rules_are_the_tables_own_affair()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE purse (id serial PRIMARY KEY, name text);
            CREATE TABLE purse_sum (purse_id int PRIMARY KEY REFERENCES purse, hits int NOT NULL DEFAULT 0);
            CREATE FUNCTION mk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.purse_sum (purse_id) VALUES (new.id); RETURN NULL; END $$;
            CREATE TRIGGER t AFTER INSERT ON purse FOR EACH ROW EXECUTE FUNCTION mk();
            CREATE TABLE sort (id serial PRIMARY KEY, retired boolean NOT NULL);
            CREATE TABLE link (id serial PRIMARY KEY, sort_id int NOT NULL REFERENCES sort);
            CREATE FUNCTION deny() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF (SELECT retired FROM shop.sort WHERE id = new.sort_id) THEN RAISE EXCEPTION 'sort is retired'; END IF; RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON link FOR EACH ROW EXECUTE FUNCTION deny();
            CREATE TABLE ruled (id serial PRIMARY KEY, v text); CREATE RULE r AS ON INSERT TO ruled DO ALSO SELECT 1;
            CREATE TABLE refused (id serial PRIMARY KEY, v text NOT NULL);
            CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not on Sundays'; END $$;
            CREATE TRIGGER t BEFORE INSERT ON refused FOR EACH ROW EXECUTE FUNCTION no();
            CREATE TABLE swallowed (id serial PRIMARY KEY, v text);
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE TRIGGER t BEFORE INSERT ON swallowed FOR EACH ROW EXECUTE FUNCTION nothing();
            """);

        var tables = (await FillAsync(database, 2))[1];

        Assert.Equal(20, await database.CountAsync("purse"));
        Assert.Equal(20, await database.CountAsync("purse_sum"));
        Assert.Equal((FillStatus.Filled, 30L), (tables["link"].Status, tables["link"].Made));
        Assert.Equal((FillStatus.Filled, 10L), (tables["ruled"].Status, tables["ruled"].Made));
        Assert.Equal(FillStatus.Failed, tables["refused"].Status);
        Assert.Contains("not on Sundays", tables["refused"].Reason, StringComparison.Ordinal);
        Assert.Contains("\"refused\"", tables["refused"].Reason, StringComparison.Ordinal);
        Assert.Equal((FillStatus.Failed, 0L), (tables["swallowed"].Status, tables["swallowed"].Made));
    }

    [Fact]
    public async Task All_problems_are_told_at_once_and_Stop_stops()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE shape (id serial PRIMARY KEY, p pg_node_tree NOT NULL);
            CREATE TABLE part (id serial PRIMARY KEY, shape_id int NOT NULL REFERENCES shape);
            CREATE TABLE calm (id serial PRIMARY KEY, v text);
            CREATE TABLE never (id serial PRIMARY KEY, v int NOT NULL CHECK (v * v = -1));
            CREATE TABLE zlast (id serial PRIMARY KEY, never_id int REFERENCES never);
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => FillAsync(database, 1, new FillOptions { OnUnfillable = UnfillableAction.Stop }));
        Assert.Equal(ErrorIds.TablesNotFillable, error.ErrorId);
        Assert.Contains("\"shape\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("\"part\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.CountAsync("calm"));

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { OnTableError = TableErrorAction.Stop }));
        Assert.Equal(FillStatus.LeftOut, tables["part"].Status);
        Assert.Equal(FillStatus.Failed, tables["never"].Status);
        Assert.DoesNotContain("zlast", tables.Keys);
        Assert.Equal(10, await database.CountAsync("calm"));
    }

    [Fact]
    public async Task A_cycle_is_filled_together()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE client (id serial PRIMARY KEY, address_id int);
            CREATE TABLE address (id serial PRIMARY KEY, client_id int NOT NULL REFERENCES client);
            ALTER TABLE client ADD FOREIGN KEY (address_id) REFERENCES address;
            """);

        await FillAsync(database, 2);

        Assert.True(await database.ScalarAsync<long>("SELECT count(address_id) FROM shop.client") > 0);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.client c JOIN shop.address a ON a.id = c.address_id WHERE a.client_id <> c.id"));
    }

    [Fact]
    public async Task Several_references_to_the_own_table_never_hang()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE plan (id int PRIMARY KEY, name text);
            CREATE TABLE job (id int PRIMARY KEY, plan_id int REFERENCES plan, root_id int REFERENCES job, parent_id int REFERENCES job, caller_id int REFERENCES job);
            CREATE TABLE fault (id int PRIMARY KEY, job_id int REFERENCES job, top_job_id int REFERENCES job, plan_id int REFERENCES plan,
                cause_id int REFERENCES fault, root_cause_id int REFERENCES fault);
            """);

        await FillAsync(database, 2, new FillOptions { RowsPerTable = 1000 });

        Assert.Equal(2000, await database.CountAsync("job"));
        Assert.Equal(2000, await database.CountAsync("fault"));
    }

    [Fact]
    public async Task Types_and_parents_of_other_schemas_are_used_where_they_are()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE EXTENSION citext SCHEMA public;
            CREATE DOMAIN public.short_name AS varchar(50) CHECK (length(VALUE) > 2); CREATE TYPE public.mood AS ENUM ('good', 'bad');
            CREATE SCHEMA people; CREATE TABLE people.owner (id serial PRIMARY KEY, name text);
            CREATE TABLE account (id serial PRIMARY KEY, handle public.citext NOT NULL UNIQUE, moods public.mood[] NOT NULL);
            CREATE TABLE thing (id serial PRIMARY KEY, name public.short_name NOT NULL, mood public.mood NOT NULL, account_id int NOT NULL REFERENCES account);
            CREATE TABLE asset (id serial PRIMARY KEY, owner_id int NOT NULL REFERENCES people.owner);
            CREATE TABLE part (id serial PRIMARY KEY, asset_id int NOT NULL REFERENCES asset, seen_by int REFERENCES people.owner);
            CREATE TABLE people.room (building varchar(5), number int, PRIMARY KEY (building, number));
            CREATE TABLE booking (id serial PRIMARY KEY, number int NOT NULL, building varchar(5), FOREIGN KEY (building, number) REFERENCES people.room);
            """);

        var first = Assert.Single(await FillAsync(database, 1));
        Assert.All([first["account"], first["thing"]], table => Assert.True(table.Status == FillStatus.Filled, table.Reason));
        Assert.Equal((FillStatus.LeftOut, "Fill schema \"people\" first."), (first["asset"].Status, first["asset"].Fix));
        Assert.Equal(FillStatus.LeftOut, first["part"].Status);

        Assert.Equal(FillStatus.Filled, first["booking"].Status);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(building) FROM shop.booking"));

        await database.ExecuteAsync("INSERT INTO people.owner (name) SELECT 'Old ' || i FROM generate_series(1, 5) i; INSERT INTO people.room VALUES ('A', 1), ('A', 2), ('B', 3), ('C', 1)");
        var second = (await FillAsync(database, 2, new FillOptions { RowsPerTable = 50 }))[1];
        Assert.All(second.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
        Assert.Equal(5, await database.ScalarAsync<long>("SELECT count(DISTINCT owner_id) FROM shop.asset"));
        Assert.Equal(4, await database.ScalarAsync<long>("SELECT count(DISTINCT (building, number)) FROM shop.booking WHERE building IS NOT NULL"));

        // By COPY as well, and by metadata that was saved.
        await BatchAsync(database, ("account", 1500), ("thing", 100), ("asset", 50), ("part", 50), ("booking", 50));
    }

    [Fact]
    public async Task Values_of_every_type_are_made()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE EXTENSION hstore SCHEMA public; CREATE EXTENSION ltree SCHEMA public; CREATE EXTENSION isn SCHEMA public;
            CREATE TYPE place AS (line text, number int, since date); CREATE TYPE reals AS RANGE (subtype = float8); CREATE TYPE hours AS RANGE (subtype = time); CREATE TYPE keys AS RANGE (subtype = uuid);
            CREATE DOMAIN span AS int4range CHECK (NOT isempty(VALUE));
            CREATE TABLE ranges (id serial PRIMARY KEY, a int4range NOT NULL UNIQUE, b int8range NOT NULL, c numrange NOT NULL, d daterange NOT NULL, e tsrange NOT NULL,
                f tstzrange NOT NULL, g datemultirange NOT NULL, h reals NOT NULL, i hours NOT NULL, j span NOT NULL, k daterange[] NOT NULL, l keys NOT NULL UNIQUE);
            CREATE TABLE shapes (id serial PRIMARY KEY, a point NOT NULL, b line NOT NULL, c lseg NOT NULL, d box NOT NULL, e path NOT NULL, f polygon NOT NULL, g circle NOT NULL);
            CREATE TABLE others (id serial PRIMARY KEY, a money NOT NULL, b bit(7) NOT NULL, c bit varying(20) NOT NULL, d xml NOT NULL, e tsvector NOT NULL, f tsquery NOT NULL,
                g macaddr8 NOT NULL UNIQUE, h timetz NOT NULL, i name NOT NULL, j oid NOT NULL, k "char" NOT NULL, l pg_lsn NOT NULL, m jsonpath NOT NULL, n regclass NOT NULL,
                o place NOT NULL, p place[] NOT NULL);
            CREATE TABLE extended (id serial PRIMARY KEY, a public.hstore NOT NULL, b public.ltree NOT NULL UNIQUE, c public.ltree[] NOT NULL, d public.isbn NOT NULL);
            """);

        foreach (var rows in new[] { 60, 1200 }) // by INSERT and by COPY
        {
            var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = rows }));
            Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
        }

        Assert.Equal(1260, await database.ScalarAsync<long>("SELECT count(DISTINCT a) FROM shop.ranges WHERE upper(f) > lower(f)"));
        await BatchAsync(database, ("shapes", 5), ("others", 5), ("extended", 5));
    }

    [Fact]
    public async Task Tables_that_must_refer_to_each_other_are_loaded_at_once()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE concept (id int PRIMARY KEY, name text NOT NULL, area_id varchar(20) NOT NULL, kind_id varchar(20) NOT NULL);
            CREATE TABLE area (id varchar(20) PRIMARY KEY, concept_id int NOT NULL REFERENCES concept);
            CREATE TABLE kind (id varchar(20) PRIMARY KEY, concept_id int NOT NULL REFERENCES concept);
            ALTER TABLE concept ADD FOREIGN KEY (area_id) REFERENCES area, ADD FOREIGN KEY (kind_id) REFERENCES kind;
            CREATE TABLE visit (id serial PRIMARY KEY, concept_id int NOT NULL REFERENCES concept);
            """);

        var tables = (await FillAsync(database, 2, new FillOptions { RowsPerTable = 700 }))[1];

        Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
        Assert.Equal(1400, await database.CountAsync("concept"));
        Assert.True(await database.ScalarAsync<long>("SELECT count(DISTINCT area_id) FROM shop.concept") > 100);
    }

    [Fact]
    public async Task Keys_of_every_shape_cost_no_table_its_rows()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE entity (id uuid PRIMARY KEY REFERENCES entity, kind text NOT NULL);
            CREATE TABLE chain (id serial PRIMARY KEY, next_id int UNIQUE REFERENCES chain, entity_id uuid NOT NULL REFERENCES entity);
            CREATE TABLE project (scope_id text UNIQUE CHECK (length(trim(scope_id)) > 10), org_id int NOT NULL, PRIMARY KEY (scope_id, org_id));
            CREATE TABLE host (id serial PRIMARY KEY, scope_id text NOT NULL REFERENCES project (scope_id), name text NOT NULL CHECK (trim(name) <> '' AND name = trim(name)));
            CREATE TABLE thing (id text NOT NULL, kind text NOT NULL, PRIMARY KEY (kind, id));
            CREATE TABLE grant_note (id serial PRIMARY KEY, kind text NOT NULL CHECK (kind = 'Grant'), thing_id text NOT NULL, FOREIGN KEY (kind, thing_id) REFERENCES thing);
            CREATE TABLE scope (id int PRIMARY KEY, method_id int); -- the two keys to method are one, which may be NULL
            CREATE TABLE method (id int PRIMARY KEY, scope_id int NOT NULL REFERENCES scope, UNIQUE (scope_id, id));
            ALTER TABLE scope ADD FOREIGN KEY (method_id) REFERENCES method, ADD FOREIGN KEY (id, method_id) REFERENCES method (scope_id, id);
            CREATE TABLE lease_note (id serial PRIMARY KEY, kind text NOT NULL CHECK (kind = 'Lease'), thing_id text NOT NULL, FOREIGN KEY (kind, thing_id) REFERENCES thing);
            """);

        var tables = Assert.Single(await FillAsync(database, 1));

        Assert.Equal(9, tables.Count);
        Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled && table.Made > 0, $"{table.Table}: {table.Reason}"));
    }

    /// <summary>The key of the one is in the key of the other and back: whose value comes first?</summary>
    [Fact]
    public async Task Two_tables_that_share_a_column_of_their_keys_to_each_other_are_filled()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE login (id text PRIMARY KEY, settings_id text NOT NULL);
            CREATE TABLE settings (id text PRIMARY KEY, login_id text NOT NULL REFERENCES login DEFERRABLE INITIALLY DEFERRED, UNIQUE (login_id, id));
            ALTER TABLE login ADD FOREIGN KEY (id, settings_id) REFERENCES settings (login_id, id) DEFERRABLE INITIALLY DEFERRED;
            CREATE TABLE visit (id serial PRIMARY KEY, login_id text NOT NULL REFERENCES login);
            """);

        foreach (var tables in await FillAsync(database, 1))
        {
            Assert.All(tables.Values, table => Assert.True(table.Made > 0, $"{table.Table}: {table.Reason}"));
        }
    }

    [Fact]
    public async Task Parents_come_first_in_whichever_schema_and_cycle_they_are()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE SCHEMA people;
            CREATE TABLE people.city (id int GENERATED ALWAYS AS IDENTITY UNIQUE, code varchar(8) PRIMARY KEY);
            CREATE TABLE store (id serial PRIMARY KEY, city_id int NOT NULL REFERENCES people.city (id));
            CREATE TABLE people.clerk (id serial PRIMARY KEY, store_id int NOT NULL REFERENCES store);
            CREATE TABLE bill (id serial PRIMARY KEY, clerk_id int NOT NULL REFERENCES people.clerk);
            CREATE TABLE cluster (id serial PRIMARY KEY, last_change_id int);
            CREATE TABLE node (id serial PRIMARY KEY, cluster_id int NOT NULL REFERENCES cluster);
            CREATE TABLE change (id serial PRIMARY KEY, cluster_id int NOT NULL REFERENCES cluster);
            ALTER TABLE cluster ADD FOREIGN KEY (last_change_id) REFERENCES change;
            CREATE VIEW all_nodes AS SELECT * FROM node;
            """);

        foreach (var tables in await FillAsync(database, 2, new FillOptions { AllSchemas = true }))
        {
            Assert.Equal(7, tables.Count);
            Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
        }
    }

    [Fact]
    public async Task Names_times_and_limits_are_believable()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE team (id serial PRIMARY KEY, name text NOT NULL UNIQUE, slug text NOT NULL UNIQUE, time_zone text NOT NULL, locale varchar(8) NOT NULL);
            CREATE TABLE release (id serial PRIMARY KEY, version text NOT NULL, created_at bigint NOT NULL, updated_at bigint NOT NULL, deleted_at bigint, started_at int,
                min_price numeric(9,2) NOT NULL, max_price numeric(9,2) NOT NULL, path text NOT NULL, content_type text NOT NULL);
            CREATE TABLE office (id serial PRIMARY KEY, city text NOT NULL CHECK (city ~ '[[:alnum:]_]'), email text NOT NULL CHECK (email ~ '@'), phone text NOT NULL CHECK (phone ~ '\d'));
            """);

        await FillAsync(database, 1, new FillOptions { RowsPerTable = 500 });

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.release WHERE updated_at < created_at OR deleted_at < updated_at OR min_price > max_price"));
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(deleted_at) FROM shop.release"), 10, 150);
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.release WHERE version !~ '^\\d+\\.\\d+\\.\\d+$' OR to_timestamp(created_at / 1000) > now() OR to_timestamp(started_at) < now() - interval '3 years'"));
        Assert.Equal(500, await database.ScalarAsync<long>("SELECT count(*) FROM shop.team JOIN pg_timezone_names z ON z.name = time_zone WHERE slug ~ '^[a-z]+-[a-z]+'"));
        Assert.Equal(500, await database.ScalarAsync<long>("SELECT count(*) FROM shop.office WHERE length(city) > 2 AND email LIKE '%@%.%' AND length(phone) > 5"));
    }
}
