using StreamingPg.Core.Filling;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schemas.FilledSchema;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>Triggers do what they like with new rows: what a fill reports is what is in the tables after the commit.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FillTriggerTests(PostgresFixture postgres)
{
    /// <summary>Case 24.</summary>
    [Fact]
    public async Task Children_that_a_trigger_adds_are_there_and_the_result_says_so()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE acct (id serial PRIMARY KEY, name text);
            CREATE TABLE acct_stat (acct_id int PRIMARY KEY REFERENCES acct, hits int NOT NULL DEFAULT 0);
            CREATE FUNCTION mk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.acct_stat (acct_id) VALUES (new.id); RETURN NULL; END $$;
            CREATE TRIGGER t AFTER INSERT ON acct FOR EACH ROW EXECUTE FUNCTION mk();
            """);

        foreach (var tables in await FillAsync(database, 2))
        {
            Assert.Equal((FillStatus.Filled, 10L), (tables["acct"].Status, tables["acct"].Made));
            Assert.Equal((FillStatus.Partial, 0L), (tables["acct_stat"].Status, tables["acct_stat"].Made));
            Assert.Contains("each has its row of \"acct_stat\" already", tables["acct_stat"].Reason, StringComparison.Ordinal);
        }

        Assert.Equal(20, await database.CountAsync("acct_stat"));
    }

    [Fact]
    public async Task Rows_that_a_trigger_removes_unless_something_refers_to_them_come_with_what_refers_to_them()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE FUNCTION neat(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$ SELECT $1 NOT LIKE ' %' $$;
            CREATE TABLE tag (id serial PRIMARY KEY, name text NOT NULL CHECK (shop.neat(name)));
            CREATE TABLE page (id serial PRIMARY KEY, title text NOT NULL);
            CREATE TABLE heavy (id serial PRIMARY KEY, v int NOT NULL CHECK (v * v >= 0));
            CREATE TABLE page_tag (page_id int REFERENCES page, tag_id int REFERENCES tag, PRIMARY KEY (page_id, tag_id));
            CREATE TABLE tag_note (id serial PRIMARY KEY, tag_id int NOT NULL REFERENCES tag, heavy_id int NOT NULL REFERENCES heavy, note text);
            CREATE FUNCTION drop_unused() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                DELETE FROM shop.tag WHERE id = new.id; RETURN NULL; EXCEPTION WHEN foreign_key_violation THEN RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER t AFTER INSERT ON tag DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION drop_unused();
            """);

        foreach (var options in new[] { new FillOptions(), new FillOptions { RowsPerTable = 1200 } })
        {
            var before = await database.CountAsync("tag");
            var tables = Assert.Single(await FillAsync(database, 1, options));

            Assert.Equal(5, tables.Count);
            Assert.All(tables.Values.Where(table => table.Table != "tag"), table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
            Assert.Equal(await database.CountAsync("tag") - before, tables["tag"].Made);
            Assert.True(tables["tag"].Made > 0, tables["tag"].Reason);
        }
    }

    /// <summary>As where a tree is walked, or all rows are summed, for each new row.</summary>
    [Theory]
    [InlineData("PERFORM pg_sleep(1) FROM shop.slow HAVING count(*) > 20;", "100 rows were not in after")]
    [InlineData("PERFORM FROM shop.slow HAVING count(*) > 20; IF found THEN RAISE query_canceled USING MESSAGE = 'by statement timeout'; END IF;", "by statement timeout")]
    public async Task A_trigger_that_takes_ever_longer_gets_fewer_rows_and_the_result_says_so(string walk, string reason)
    {
        await using var database = await CreateAsync(postgres, $"""
            CREATE TABLE before (id serial PRIMARY KEY, name text);
            CREATE TABLE slow (id serial PRIMARY KEY, before_id int NOT NULL REFERENCES before);
            CREATE TABLE after (id serial PRIMARY KEY, slow_id int NOT NULL REFERENCES slow);
            CREATE FUNCTION walk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {walk} RETURN NULL; END $$;
            CREATE TRIGGER t AFTER INSERT ON slow FOR EACH ROW EXECUTE FUNCTION walk();
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 100, TimePerTable = TimeSpan.FromSeconds(4) }));

        Assert.Equal(FillStatus.Partial, tables["slow"].Status);
        Assert.InRange(tables["slow"].Made, 1, 10);
        Assert.Contains(reason, tables["slow"].Reason, StringComparison.Ordinal);
        Assert.NotNull(tables["slow"].Fix);
        Assert.Equal((FillStatus.Filled, 100L), (tables["after"].Status, tables["after"].Made));
    }

    /// <summary>As where inheritance or another schema's age kept people from a foreign key: triggers look the rows up.</summary>
    [Fact]
    public async Task Values_that_triggers_look_up_are_those_of_rows_that_are_there()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE SCHEMA orgs; CREATE TABLE orgs.unit (id int PRIMARY KEY); INSERT INTO orgs.unit SELECT generate_series(1, 100);
            CREATE TABLE a_note (id serial PRIMARY KEY, owning_copy bigint NOT NULL, kind text NOT NULL, attr_type text NOT NULL CHECK (attr_type <> id::text), org int NOT NULL REFERENCES orgs.unit, fund text NOT NULL);
            CREATE TABLE attr (id serial PRIMARY KEY, name text NOT NULL);
            CREATE TABLE copy (id bigserial PRIMARY KEY, note_id int REFERENCES a_note);
            CREATE TABLE fund (id serial PRIMARY KEY, org int NOT NULL REFERENCES orgs.unit, code text NOT NULL);
            CREATE TABLE b_note (id serial PRIMARY KEY, target_copy bigint NOT NULL);
            CREATE TABLE copies (LIKE copy INCLUDING ALL);
            CREATE FUNCTION note_ok() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                PERFORM 1 FROM shop.copies WHERE id = NEW.owning_copy; -- not = NEW.id
                IF NOT FOUND THEN RAISE foreign_key_violation USING MESSAGE = 'no copy'; END IF;
                IF NEW.kind NOT IN ('public', 'staff''s') THEN RAISE EXCEPTION 'unknown kind %', NEW.kind; END IF;
                IF NOT EXISTS (SELECT FROM shop.attr AS t WHERE t.name = NEW.attr_type) THEN RAISE EXCEPTION 'no attr'; END IF;
                PERFORM FROM shop.fund f WHERE NEW.org = f.org AND code = NEW.fund;
                IF NOT FOUND THEN RAISE EXCEPTION 'no fund of org % and code %', NEW.org, NEW.fund; END IF;
                RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON a_note FOR EACH ROW EXECUTE FUNCTION note_ok();
            CREATE FUNCTION copy_ok() RETURNS trigger LANGUAGE plpgsql AS $$ DECLARE wanted bigint; BEGIN
                EXECUTE 'SELECT ($1).' || quote_ident(TG_ARGV[0]) INTO wanted USING NEW;
                PERFORM FROM copies WHERE id = wanted; IF NOT FOUND THEN RAISE EXCEPTION 'no copy %', wanted; END IF; RETURN NULL; END $$;
            CREATE TRIGGER t AFTER INSERT ON b_note FOR EACH ROW EXECUTE FUNCTION copy_ok('target_copy');
            ALTER FUNCTION copy_ok() SET search_path = shop;
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 300 }));

        Assert.Equal(6, tables.Count);
        Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled, $"{table.Table}: {table.Reason}"));
    }

    /// <summary>
    /// As where a table stands for each kind of a thing, and its trigger makes the row of the thing. Columns that it copies refer to what the
    /// thing refers to (phone), and a row may refer to others of its kind only (ldap_device: no device that is there is one of an ldap_account).
    /// </summary>
    /// <param name="key">The type of the keys: of a domain, it cannot be promised beforehand that those of other rows fit.</param>
    [Theory]
    [InlineData("text")]
    [InlineData("long_text")]
    public async Task Rows_whose_trigger_makes_the_row_that_they_refer_to_have_keys_of_their_own(string key)
    {
        await using var database = await CreateAsync(postgres, $"""
            CREATE DOMAIN long_text AS text CHECK (length(trim(VALUE)) > 10 OR VALUE = 'global');
            CREATE TABLE realm (id {key} PRIMARY KEY);
            CREATE TABLE account (id {key} PRIMARY KEY, kind text NOT NULL, realm_id {key} NOT NULL REFERENCES realm, UNIQUE (realm_id, id));
            CREATE TABLE ldap_account (id {key} PRIMARY KEY, realm_id {key} NOT NULL, login text NOT NULL, FOREIGN KEY (realm_id, id) REFERENCES account (realm_id, id));
            CREATE TABLE visit (id serial PRIMARY KEY, ldap_account_id {key} NOT NULL REFERENCES ldap_account);
            CREATE TABLE device (id {key} PRIMARY KEY, realm_id {key} NOT NULL REFERENCES realm, account_id {key} NOT NULL REFERENCES account, UNIQUE (account_id, id));
            CREATE TABLE phone (id {key} PRIMARY KEY REFERENCES device, realm_id {key} NOT NULL, account_id {key} NOT NULL);
            CREATE TABLE ldap_device (id {key} PRIMARY KEY, account_id {key} NOT NULL REFERENCES ldap_account, FOREIGN KEY (account_id, id) REFERENCES device (account_id, id));
            CREATE FUNCTION make_device() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO shop.device SELECT NEW.id, a.realm_id, NEW.account_id FROM shop.account a WHERE a.id = NEW.account_id; RETURN NEW; END $$;
            CREATE FUNCTION make_phone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.device VALUES (NEW.id, NEW.realm_id, NEW.account_id); RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON phone FOR EACH ROW EXECUTE FUNCTION make_phone();
            CREATE TRIGGER t BEFORE INSERT ON ldap_device FOR EACH ROW EXECUTE FUNCTION make_device();
            CREATE FUNCTION make() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO shop.account VALUES (NEW.id, 'ldap', NEW.realm_id); RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON ldap_account FOR EACH ROW EXECUTE FUNCTION make();
            """);

        var tables = Assert.Single(await FillAsync(database, 1));

        Assert.All(tables.Values, table => Assert.True(table.Status == FillStatus.Filled && table.Made > 0, $"{table.Table}: {table.Reason}"));
        Assert.Equal(tables["account"].Made + tables["ldap_account"].Made, await database.CountAsync("account"));
        Assert.Equal(tables["device"].Made + tables["phone"].Made + tables["ldap_device"].Made, await database.CountAsync("device"));
    }

    /// <summary>Some of the rows take long, all would take for ever: nobody waits until the time is up.</summary>
    [Fact]
    public async Task Many_rows_with_a_slow_trigger_come_as_far_as_the_time_allows()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE slow (id serial PRIMARY KEY, name text UNIQUE);
            CREATE TABLE quick (id serial PRIMARY KEY, slow_id int NOT NULL REFERENCES slow);
            CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.1); RETURN NULL; END $$;
            CREATE TRIGGER t AFTER INSERT ON slow FOR EACH ROW EXECUTE FUNCTION wait();
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 210, TimePerTable = TimeSpan.FromSeconds(2.4) }));

        Assert.Equal(FillStatus.Partial, tables["slow"].Status);
        Assert.InRange(tables["slow"].Made, 21, 84);
        Assert.Equal(tables["slow"].Made, await database.CountAsync("slow"));
        Assert.Contains("and the others would take too long", tables["slow"].Reason, StringComparison.Ordinal);
        Assert.Equal((FillStatus.Filled, 210L), (tables["quick"].Status, tables["quick"].Made));
    }

    /// <summary>A trigger that reads a text as a number refuses all texts but one kind, which must be as many as a unique key asks for.</summary>
    [Fact]
    public async Task Texts_that_a_trigger_reads_as_numbers_are_numbers()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE build (id serial PRIMARY KEY, number text, state text, unique_number int UNIQUE);
            CREATE FUNCTION number() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.unique_number := NEW.number; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON build FOR EACH ROW EXECUTE FUNCTION number();
            """);

        var build = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 300 }))["build"];

        Assert.True(build is { Status: FillStatus.Filled, Made: 300 }, $"{build.Made}: {build.Reason}");
    }

    [Fact]
    public async Task What_triggers_refuse_after_the_first_rows_is_made_up_for()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE choosy (id serial PRIMARY KEY, n int NOT NULL);
            CREATE FUNCTION choose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.n % 7 = 0 AND (SELECT count(*) > 40 FROM shop.choosy) THEN RAISE EXCEPTION 'no sevens'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON choosy FOR EACH ROW EXECUTE FUNCTION choose();
            CREATE TABLE remark (id serial PRIMARY KEY, reply_to text, scope text NOT NULL);
            CREATE FUNCTION match() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.reply_to <> 'remark ' || NEW.id THEN RAISE EXCEPTION 'Reply must match its scope'; END IF; RETURN NEW; END $$;
            CREATE TRIGGER t BEFORE INSERT ON remark FOR EACH ROW EXECUTE FUNCTION match();
            """);

        var tables = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 300 }));

        Assert.True(tables["choosy"] is { Status: FillStatus.Filled, Made: 300 }, $"{tables["choosy"].Made}: {tables["choosy"].Reason}");
        Assert.Equal(300, await database.CountAsync("choosy"));
        Assert.True(tables["remark"] is { Status: FillStatus.Filled, Made: 300 }, $"{tables["remark"].Made}: {tables["remark"].Reason}");
    }

    /// <summary>Every column of such a schema has a domain like these: by trial, a row would hardly ever fit.</summary>
    [Fact]
    public async Task Bytes_have_the_number_that_a_CHECK_demands()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE DOMAIN bytea20 AS bytea CHECK (VALUE IS NULL OR octet_length(VALUE) = 20);
            CREATE DOMAIN bytea4 AS bytea CHECK (VALUE IS NULL OR octet_length(VALUE) = 4);
            CREATE TABLE hash (id bytea20 PRIMARY KEY, mark bytea4 NOT NULL UNIQUE, short bytea NOT NULL CHECK (octet_length(short) BETWEEN 2 AND 3),
                long bytea NOT NULL CHECK (length(long) > 40));
            """);

        var hash = Assert.Single(await FillAsync(database, 1, new FillOptions { RowsPerTable = 2000 }))["hash"];

        Assert.True(hash is { Status: FillStatus.Filled, Made: 2000 }, hash.Reason);
    }

    [Fact]
    public async Task Rows_of_a_table_with_triggers_are_there_however_many_it_has()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE task (id serial PRIMARY KEY, name text, created_at timestamptz);
            CREATE TABLE step (id serial PRIMARY KEY, task_id int NOT NULL REFERENCES task, created_at timestamptz);
            CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.created_at := now(); RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION stamp();
            """);

        foreach (var tables in await FillAsync(database, 3, new FillOptions { RowsPerTable = 6000 }))
        {
            Assert.All(tables.Values, table => Assert.True(table is { Status: FillStatus.Filled, Made: 6000 }, table.Reason));
        }

        Assert.Equal(18_000, await database.CountAsync("task"));
    }

    [Fact]
    public async Task A_table_of_which_no_row_is_left_is_named_with_its_triggers()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE task (id serial PRIMARY KEY, name text);
            CREATE FUNCTION work() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN DELETE FROM shop.task; RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER t AFTER INSERT ON task DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION work();
            CREATE TABLE event (id serial PRIMARY KEY, v text); CREATE TABLE event_now (LIKE event);
            CREATE RULE r AS ON INSERT TO event DO INSTEAD INSERT INTO shop.event_now VALUES (new.*);
            CREATE TABLE calm (id serial PRIMARY KEY, task_id int REFERENCES task);
            """);

        var tables = (await FillAsync(database, 2))[1];

        Assert.Equal((FillStatus.Failed, 0L), (tables["task"].Status, tables["task"].Made));
        Assert.Contains("after the commit", tables["task"].Reason, StringComparison.Ordinal);
        Assert.Equal("See the triggers and rules of \"shop\".\"task\".", tables["task"].Fix);
        Assert.Equal((FillStatus.Failed, 0L), (tables["event"].Status, tables["event"].Made));
        Assert.Equal(0, await database.CountAsync("task"));
    }
}
