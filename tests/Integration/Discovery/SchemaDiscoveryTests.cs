using System.Text.Json.Nodes;
using StreamingPg.Core.Discovery;
using StreamingPg.Tests.Integration.Infrastructure;
using static StreamingPg.Tests.Integration.Discovery.LiveTables;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>What is read of live tables, and what is said of those that cannot be filled.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SchemaDiscoveryTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Everything_that_metadata_can_say_is_read()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TYPE mood AS ENUM ('sad', 'ok');
            CREATE DOMAIN positive AS integer NOT NULL CHECK (VALUE > 0);
            CREATE TABLE parent (a integer, b varchar(3), PRIMARY KEY (a, b));
            CREATE TABLE child (
                id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, a integer, b varchar(3), up bigint REFERENCES child, mood mood DEFAULT 'ok',
                amount positive, twice integer GENERATED ALWAYS AS (amount * 2) STORED, note text NOT NULL DEFAULT 'none',
                code char(4) UNIQUE, moods mood[], made timestamptz DEFAULT now(),
                CONSTRAINT parent_of_child FOREIGN KEY (a, b) REFERENCES parent DEFERRABLE, UNIQUE (note, code), CONSTRAINT short CHECK (length(note) < 50));
            CREATE INDEX ON child (made, note);
            COMMENT ON TABLE child IS 'A "child"';
            COMMENT ON COLUMN child.note IS 'Free text';
            """);

        var metadata = await ReadAsync(database);

        const string Expected =
            """
            {
              "$types": { "mood": { "enum": ["sad", "ok"] }, "positive": { "domain": "INTEGER", "check": "VALUE > 0", "nullable": false } },
              "parent": {
                "columns": { "a": { "type": "INTEGER", "primary_key": true }, "b": { "type": "VARCHAR(3)", "primary_key": true } }
              },
              "child": {
                "description": "A \"child\"",
                "columns": {
                  "id": { "type": "BIGINT", "primary_key": true, "identity": "always" },
                  "a": { "type": "INTEGER", "nullable": true },
                  "b": { "type": "VARCHAR(3)", "nullable": true },
                  "up": { "type": "BIGINT", "foreign_key": { "table": "child", "column": "id" }, "nullable": true },
                  "mood": { "type": "mood", "nullable": true, "default": { "sql": "'ok'::mood" } },
                  "amount": { "type": "positive", "nullable": false },
                  "twice": { "type": "INTEGER", "generated": "((amount)::integer * 2)" },
                  "note": { "type": "TEXT", "description": "Free text", "nullable": false, "default": "none" },
                  "code": { "type": "CHAR(4)", "nullable": true, "unique": true },
                  "moods": { "type": "mood[]", "nullable": true },
                  "made": { "type": "TIMESTAMPTZ", "nullable": true, "default": { "sql": "now()" } }
                },
                "foreign_keys": [{ "columns": ["a", "b"], "table": "parent", "parent_columns": ["a", "b"], "name": "parent_of_child", "deferrable": true, "shared_parent": "usual" }],
                "unique": [["note", "code"]],
                "checks": [{ "name": "short", "expression": "length(note) < 50" }],
                "indexes": [["made", "note"]]
              }
            }
            """;
        Assert.Equal(JsonNode.Parse(Expected)!.ToJsonString(), JsonNode.Parse(metadata.Json)!.ToJsonString());
        Assert.Equal(["parent", "child"], metadata.Tables);
        Assert.Empty(metadata.Notes);
        Assert.Equal(["parent", "child"], Model(metadata).Tables.Select(table => table.Name));
    }

    [Fact]
    public async Task What_cannot_be_filled_is_left_out_and_named_with_its_remedy()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE good (id serial PRIMARY KEY, place pg_node_tree, secret integer);
            CREATE TABLE keyless (id integer);
            CREATE TABLE odd (id serial PRIMARY KEY, place pg_node_tree NOT NULL);
            CREATE TABLE of_odd (id serial PRIMARY KEY, odd_id integer NOT NULL REFERENCES odd);
            CREATE TABLE may_be_odd (id serial PRIMARY KEY, odd_id integer REFERENCES odd);
            CREATE VIEW seen AS SELECT 1 AS one;
            CREATE TABLE empty_parts (id integer PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE moment (at timestamp PRIMARY KEY);
            CREATE TABLE of_moment (id serial PRIMARY KEY, day date NOT NULL REFERENCES moment);
            CREATE TABLE may_be_moment (id smallint PRIMARY KEY REFERENCES good, day date REFERENCES moment);
            """);

        var metadata = await ReadAsync(database);

        Assert.Equal(["good", "keyless", "may_be_odd", "moment", "may_be_moment"], metadata.Tables);
        Assert.Equal(5, Model(metadata).Tables.Count);
        Assert.Equal(
            [
                "good.place: its type pg_node_tree cannot be generated; it stays NULL.",
                "odd.place: its type pg_node_tree cannot be generated, but it is NOT NULL: the table is left out. Give the column a default, or allow NULL.",
                "seen: it is a view, which cannot be filled. Use its base tables.",
                "empty_parts: it is partitioned by RANGE (id) but has no partition yet. Create its partitions, or one for all rows: CREATE TABLE \"shop\".\"empty_parts_default\" PARTITION OF \"shop\".\"empty_parts\" DEFAULT;",
                "of_odd.odd_id: it refers to \"odd\", which is left out, but it is NOT NULL: the table is left out. Allow NULL, or remove the foreign key.",
                "may_be_odd.odd_id: it refers to \"odd\", which is left out; it stays NULL.",
                "of_moment.day: its type is DATE, but it refers to \"moment\".\"at\", which is TIMESTAMP, but it is NOT NULL: the table is left out. Allow NULL, or remove the foreign key.",
                "may_be_moment.day: its type is DATE, but it refers to \"moment\".\"at\", which is TIMESTAMP; it stays NULL.",
            ],
            metadata.Notes.Select(note => note.ToString()));
    }

    [Theory]
    [InlineData("odd", "TableNotFillable", "place")]
    [InlineData("of_odd", "TableNotFillable", "odd.place")]
    [InlineData("seen", "TableNotFillable", "it is a view")]
    [InlineData("goood", "TableNotFound", "Did you mean \"good\"?")]
    public async Task A_table_that_was_asked_for_and_cannot_be_filled_is_an_error(string table, string errorId, string reason)
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE good (id serial PRIMARY KEY);
            CREATE TABLE odd (id serial PRIMARY KEY, place pg_node_tree NOT NULL);
            CREATE TABLE of_odd (id serial PRIMARY KEY, odd_id integer NOT NULL REFERENCES odd);
            CREATE VIEW seen AS SELECT 1 AS one;
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => ReadAsync(database, table));

        Assert.Equal(errorId, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_right_is_named_with_its_GRANT()
    {
        await using var database = await CreateAsync(postgres, "CREATE TABLE open (id serial PRIMARY KEY); CREATE TABLE closed (id serial PRIMARY KEY)");
        await using var plain = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA shop TO {role}", "GRANT SELECT, INSERT ON shop.open TO {role}", "GRANT SELECT ON shop.closed TO {role}");

        var metadata = await SchemaDiscovery.ReadAsync(plain, new DiscoveryOptions(), CancellationToken.None);

        Assert.Equal(["open"], metadata.Tables);
        var note = Assert.Single(metadata.Notes);
        Assert.Equal(("closed", "the role lacks INSERT on it."), (note.Table, note.Problem));
        Assert.Contains("GRANT INSERT ON TABLE \"shop\".\"closed\" TO", note.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_parents_of_a_table_come_with_it()
    {
        await using var database = await CreateAsync(postgres, Northwind.Sql);

        Assert.Equal(["categories", "products"], (await ReadAsync(database, "products")).Tables);
        Assert.Equal(7, (await ReadAsync(database)).Tables.Count);
    }

    [Fact]
    public async Task A_schema_that_is_not_there_is_an_error()
    {
        await using var database = await postgres.CreateDatabaseAsync("nowhere");

        var error = await Assert.ThrowsAsync<StreamingException>(() => ReadAsync(database));

        Assert.Equal("SchemaNotFound", error.ErrorId);
    }

    [Fact]
    public async Task Partitions_bound_the_column_they_are_made_by()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE by_day (day date PRIMARY KEY) PARTITION BY RANGE (day);
            CREATE TABLE d1 PARTITION OF by_day FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
            CREATE TABLE d2 PARTITION OF by_day FOR VALUES FROM ('2020-03-01') TO ('2020-05-01');
            CREATE TABLE d3 PARTITION OF by_day FOR VALUES FROM ('2020-05-01') TO ('2020-06-01');
            CREATE TABLE by_land (land text PRIMARY KEY) PARTITION BY LIST (land);
            CREATE TABLE l1 PARTITION OF by_land FOR VALUES IN ('de', 'fr');
            CREATE TABLE l2 PARTITION OF by_land FOR VALUES IN ('it');
            CREATE TABLE by_hash (id serial PRIMARY KEY) PARTITION BY HASH (id);
            CREATE TABLE h1 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE h2 PARTITION OF by_hash FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            CREATE TABLE with_default (id integer PRIMARY KEY) PARTITION BY RANGE (id);
            CREATE TABLE w1 PARTITION OF with_default FOR VALUES FROM (1) TO (10);
            CREATE TABLE w2 PARTITION OF with_default DEFAULT;
            """);

        var metadata = await ReadAsync(database);
        var json = JsonNode.Parse(metadata.Json)!;

        Assert.Empty(metadata.Notes);
        Assert.Equal(["by_day", "by_land", "by_hash", "with_default"], metadata.Tables);
        Assert.Equal(
            """{"type":"DATE","primary_key":true,"min":"2020-03-01","max":"2020-05-31"}""", json["by_day"]!["columns"]!["day"]!.ToJsonString());
        Assert.Equal("""["de","fr","it"]""", json["by_land"]!["columns"]!["land"]!["values"]!.ToJsonString());
        Assert.Equal("""{"type":"INTEGER","primary_key":true}""", json["with_default"]!["columns"]!["id"]!.ToJsonString());
    }

    [Fact]
    public async Task What_cannot_be_promised_is_named()
    {
        await using var database = await CreateAsync(
            postgres,
            """
            CREATE TABLE booking (
                id serial PRIMARY KEY, room integer, email text, during int4range NOT NULL, tree pg_node_tree,
                EXCLUDE USING gist (during WITH &&), CHECK (tree IS NULL OR room > 0));
            CREATE UNIQUE INDEX one_mail ON booking (md5(email));
            """);

        var notes = (await ReadAsync(database)).Notes.Select(note => note.ToString()).ToList();

        Assert.Equal(4, notes.Count);
        Assert.Contains(notes, note => note.StartsWith("booking.tree: its type pg_node_tree cannot be generated; it stays NULL.", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("unique index one_mail", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("EXCLUDE USING gist", StringComparison.Ordinal));
        Assert.Contains(notes, note => note.Contains("booking_check", StringComparison.Ordinal));
    }
}
