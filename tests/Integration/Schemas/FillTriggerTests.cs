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
            CREATE TABLE task (id serial PRIMARY KEY, name text, done_at timestamptz);
            CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN new.done_at := now(); RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON task FOR EACH ROW EXECUTE FUNCTION stamp();
            """);

        foreach (var tables in await FillAsync(database, 3, new FillOptions { RowsPerTable = 6000 }))
        {
            Assert.True(tables["task"] is { Status: FillStatus.Filled, Made: 6000 }, tables["task"].Reason);
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
