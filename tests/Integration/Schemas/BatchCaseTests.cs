using StreamingPg.Core.Discovery;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Schemas.FilledSchema;

namespace StreamingPg.Tests.Integration.Schemas;

/// <summary>What real schemas have and ordinary batches must cope with, three batches each.</summary>
[Collection(SharedPostgres.Name)]
public sealed class BatchCaseTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Votes_are_not_the_authors_alone()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE reader (id serial PRIMARY KEY, nick text);
            CREATE TABLE story (id serial PRIMARY KEY, author_id int NOT NULL REFERENCES reader);
            CREATE TABLE vote (story_id int REFERENCES story, reader_id int REFERENCES reader, PRIMARY KEY (story_id, reader_id));
            """);

        await BatchAsync(database);

        Assert.Equal(270, await database.CountAsync("vote"));
        Assert.True(await database.ScalarAsync<long>("SELECT count(*) FROM shop.vote v JOIN shop.story s ON s.id = v.story_id WHERE s.author_id <> v.reader_id") > 100);
    }

    /// <summary>Of the tables between nothing is referred to by itself: their rows are read because others lead on to them.</summary>
    [Fact]
    public async Task An_ancestor_far_up_is_found_through_rows_that_are_only_known()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE root (id serial PRIMARY KEY, name text);
            CREATE TABLE branch (id serial PRIMARY KEY, root_id int NOT NULL REFERENCES root);
            CREATE TABLE twig (id serial PRIMARY KEY, branch_id int NOT NULL REFERENCES branch);
            CREATE TABLE bud (id serial PRIMARY KEY, twig_id int NOT NULL REFERENCES twig);
            CREATE TABLE leaf (id serial PRIMARY KEY, bud_id int NOT NULL REFERENCES bud, root_id int NOT NULL REFERENCES root);
            INSERT INTO root (name) SELECT 'x' FROM generate_series(1, 20); INSERT INTO branch (root_id) SELECT id FROM root;
            INSERT INTO twig (branch_id) SELECT id FROM branch; INSERT INTO bud (twig_id) SELECT id FROM twig;
            """);

        await BatchAsync(database, ("leaf", 30));

        Assert.Equal(90, await database.ScalarAsync<long>("SELECT count(*) FROM shop.leaf l JOIN shop.bud b ON b.id = l.bud_id WHERE b.id = l.root_id"));
        Assert.True(await database.ScalarAsync<long>("SELECT count(DISTINCT root_id) FROM shop.leaf") > 5);
    }

    [Fact]
    public async Task Keys_of_every_mix_are_dealt_without_repetition()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TYPE grade AS ENUM ('read', 'write', 'own');
            CREATE TABLE person (id serial PRIMARY KEY, name text); CREATE TABLE safe (id serial PRIMARY KEY, name text);
            CREATE TABLE grant_of (person_id int REFERENCES person, safe_id int REFERENCES safe, grade grade, PRIMARY KEY (person_id, safe_id, grade));
            CREATE TABLE meter (person_id int NOT NULL REFERENCES person, day date NOT NULL, used numeric, PRIMARY KEY (person_id, day));
            CREATE TABLE blob (repo int NOT NULL, sha bytea NOT NULL, PRIMARY KEY (repo, sha));
            """);

        await BatchAsync(database, ("person", 10), ("safe", 10), ("grant_of", 30), ("meter", 300), ("blob", 1000));

        Assert.Equal(3000, await database.CountAsync("blob"));
        Assert.Equal(900, await database.CountAsync("meter"));
        Assert.Equal(90, await database.CountAsync("grant_of"));
    }

    [Fact]
    public async Task Unique_values_of_all_kinds_are_made_and_fit_their_columns()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE page (id serial PRIMARY KEY, title text NOT NULL UNIQUE, subject varchar(30) NOT NULL UNIQUE, summary text NOT NULL UNIQUE);
            CREATE TABLE place (id serial PRIMARY KEY, city varchar(20) NOT NULL UNIQUE, company text NOT NULL UNIQUE);
            CREATE TABLE device (addr inet PRIMARY KEY, digest bytea NOT NULL UNIQUE, net cidr NOT NULL UNIQUE, mac macaddr NOT NULL UNIQUE);
            CREATE TABLE login (id serial PRIMARY KEY, password varchar(60) NOT NULL, token char(26) NOT NULL, api_key varchar(8) NOT NULL, iban varchar(10));
            """);

        await BatchAsync(database, ("page", 500), ("place", 500), ("device", 500), ("login", 50));

        Assert.Equal(1500, await database.ScalarAsync<long>("SELECT count(DISTINCT lower(title)) FROM shop.page WHERE title LIKE '% %'"));
        Assert.Equal(1500, await database.ScalarAsync<long>("SELECT count(DISTINCT city) FROM shop.place"));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.login WHERE password !~ '^[0-9a-f]{60}$' OR length(token) <> 26"));
    }

    [Fact]
    public async Task A_foreign_key_declared_twice_is_one_key()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE sort (id serial PRIMARY KEY, name text);
            CREATE TABLE member (id serial PRIMARY KEY, sort_id int NOT NULL REFERENCES sort);
            ALTER TABLE member ADD CONSTRAINT again FOREIGN KEY (sort_id) REFERENCES sort (id);
            """);

        await BatchAsync(database);

        Assert.Equal(90, await database.CountAsync("member"));
    }

    [Fact]
    public async Task A_cycle_that_nothing_can_begin_is_left_out_with_the_statement_that_helps()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE word (id int PRIMARY KEY, list_code varchar(20) NOT NULL);
            CREATE TABLE list (code varchar(20) PRIMARY KEY, word_id int NOT NULL REFERENCES word);
            ALTER TABLE word ADD CONSTRAINT word_list FOREIGN KEY (list_code) REFERENCES list;
            CREATE TABLE child (id serial PRIMARY KEY, list_code varchar(20) NOT NULL REFERENCES list);
            CREATE TABLE apart (id serial PRIMARY KEY, v text);
            """);

        var found = await SchemaDiscovery.ReadAsync(database.Connection, new DiscoveryOptions(), CancellationToken.None);

        Assert.Equal(["apart"], found.Tables);
        var note = Assert.Single(found.Notes, note => note.Table == "word");
        Assert.Contains("ALTER TABLE \"shop\".\"word\" ALTER CONSTRAINT \"word_list\" DEFERRABLE", note.Remedy, StringComparison.Ordinal);
        await BatchAsync(database);
        Assert.Equal(30, await database.CountAsync("apart"));

        // The statement helps.
        await database.ExecuteAsync("ALTER TABLE shop.word ALTER CONSTRAINT word_list DEFERRABLE");
        await BatchAsync(database, ("word", 5), ("list", 5), ("child", 5));
        Assert.Equal(15, await database.CountAsync("child"));
    }

    [Fact]
    public async Task Trees_have_several_roots_and_many_authors()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE person (id serial PRIMARY KEY, name text); CREATE TABLE story (id serial PRIMARY KEY, name text);
            CREATE TABLE answer (id serial PRIMARY KEY, story_id int NOT NULL REFERENCES story, author_id int NOT NULL REFERENCES person, parent_id int REFERENCES answer);
            """);

        await BatchAsync(database, ("person", 50), ("story", 20), ("answer", 1000));

        var row = Assert.Single(await database.QueryAsync(
            "SELECT count(*) FILTER (WHERE parent_id IS NULL), count(DISTINCT author_id), count(DISTINCT story_id) FROM shop.answer"));
        Assert.True((long)row[0]! > 100 && (long)row[1]! > 30 && (long)row[2]! > 10, string.Join(' ', row));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.answer a JOIN shop.answer p ON p.id = a.parent_id WHERE p.story_id <> a.story_id"));
    }

    [Fact]
    public async Task First_loads_into_empty_tables_keep_link_tables_triggers_and_prices()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE person (id serial PRIMARY KEY, name text); CREATE TABLE tag (id serial PRIMARY KEY, word text);
            CREATE TABLE person_tag (person_id int REFERENCES person, tag_id int REFERENCES tag, PRIMARY KEY (person_id, tag_id));
            """);
        await BatchAsync(database, ("person", 40_000), ("tag", 40_000), ("person_tag", 40_000));
        Assert.Equal(120_000, await database.CountAsync("person_tag"));

        await using var second = await CreateAsync(postgres, """
            CREATE TABLE purse (id serial PRIMARY KEY, name text); CREATE INDEX ON purse (name);
            CREATE TABLE entry (id serial PRIMARY KEY, purse_id int NOT NULL REFERENCES purse, product_name text, price real, cost double precision);
            CREATE FUNCTION nothing() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
            CREATE CONSTRAINT TRIGGER late AFTER INSERT ON purse DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION nothing();
            """);
        await BatchAsync(second, ("purse", 15_000), ("entry", 15_000));
        Assert.Equal(45_000, await second.CountAsync("entry"));
        Assert.Equal(0, await second.ScalarAsync<long>("SELECT count(*) FROM shop.entry WHERE price <= 0 OR price > 10000"));
    }

    [Fact]
    public async Task Triggers_find_the_functions_of_their_schema()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE letter (id serial PRIMARY KEY, body text);
            CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
            CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM one(); RETURN new; END $$;
            CREATE TRIGGER t BEFORE INSERT ON letter FOR EACH ROW EXECUTE FUNCTION touch();
            """);

        await BatchAsync(database, ("letter", 10));
        await BatchAsync(database, ("letter", 2000)); // by COPY

        Assert.Equal(6030, await database.CountAsync("letter"));
    }

    [Theory]
    [InlineData(50, 1)]
    [InlineData(-3, -1)]
    public async Task A_sequence_of_any_step_is_followed(int step, int start)
    {
        await using var database = await CreateAsync(postgres, $"""
            CREATE TABLE thing (id int GENERATED ALWAYS AS IDENTITY (INCREMENT {step} START {start}) PRIMARY KEY, v text);
            CREATE TABLE child (id serial PRIMARY KEY, thing_id int NOT NULL REFERENCES thing);
            """);

        await BatchAsync(database, ("thing", 20), ("child", 50));
        await BatchAsync(database, ("thing", 1200), ("child", 50));

        Assert.Equal(0, await database.ScalarAsync<long>($"SELECT count(*) FROM shop.thing WHERE (id - {start}) % {step} <> 0"));
        Assert.Equal(1, await database.ExecuteAsync("INSERT INTO shop.thing (v) VALUES ('by the server')"));
    }

    [Fact]
    public async Task Tables_without_a_primary_key_are_filled_too()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE visit (nick text NOT NULL, room text NOT NULL, at bigint, CONSTRAINT once UNIQUE (nick, room));
            CREATE TABLE line (at timestamptz, text text);
            CREATE TABLE room (code varchar(9) UNIQUE NOT NULL, name text);
            CREATE TABLE chair (room_code varchar(9) NOT NULL REFERENCES room (code), number int);
            """);

        await BatchAsync(database);
        await BatchAsync(database, ("line", 2000), ("chair", 10), ("visit", 500)); // by COPY

        Assert.Equal(6030, await database.CountAsync("line"));
        Assert.Equal(1530, await database.ScalarAsync<long>("SELECT count(DISTINCT (nick, room)) FROM shop.visit"));
        Assert.Equal(120, await database.CountAsync("chair"));
    }

    [Fact]
    public async Task Times_come_in_their_natural_order_and_few_rows_are_deleted()
    {
        await using var database = await CreateAsync(postgres, """
            CREATE TABLE task (id serial PRIMARY KEY, noted_at timestamp, created_at timestamp NOT NULL, updated_at timestamp NOT NULL,
                finished_at timestamp, started_at timestamp, deleted_at timestamp);
            CREATE TABLE sale (id serial PRIMARY KEY, order_date date NOT NULL, shipped_date date, closed_at timestamptz);
            """);

        await BatchAsync(database, ("task", 1000), ("sale", 500));

        Assert.Equal(0, await database.ScalarAsync<long>("""
            SELECT count(*) FROM shop.task WHERE started_at < created_at OR updated_at < started_at OR finished_at < updated_at OR deleted_at < finished_at
            """));
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM shop.sale WHERE shipped_date < order_date OR closed_at::date < shipped_date"));
        Assert.InRange(await database.ScalarAsync<long>("SELECT count(deleted_at) FROM shop.task"), 200, 400);
    }
}
