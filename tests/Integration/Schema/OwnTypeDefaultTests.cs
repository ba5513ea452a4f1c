using StreamingPg.Core.Discovery;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Schema;

/// <summary>Metadata read from one schema makes the same tables in another, expressions with types of its own included.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OwnTypeDefaultTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Defaults_checks_and_generated_columns_of_own_types_work_in_another_schema()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("""
            CREATE SCHEMA source;
            CREATE TYPE source.mood AS ENUM ('sad', 'ok');
            CREATE DOMAIN source.level AS int CHECK (VALUE >= 0);
            CREATE TABLE source.t (
                id uuid PRIMARY KEY,
                feeling source.mood NOT NULL DEFAULT 'ok'::source.mood,
                feelings source.mood[] DEFAULT ARRAY['ok'::source.mood],
                height source.level DEFAULT (3)::source.level,
                is_ok boolean GENERATED ALWAYS AS (feeling = 'ok'::source.mood) STORED,
                CHECK (feeling <> 'sad'::source.mood OR height > 1));
            """);
        var found = await SchemaDiscovery.ReadAsync(database.Connect("source"), new DiscoveryOptions(), default);

        await using var target = database.Connect("target");
        await SchemaInitializer.InitializeAsync(target, MetadataReader.Parse(found.Json), planOnly: false, default);

        await database.ExecuteAsync("DROP SCHEMA source CASCADE");
        await database.ExecuteAsync("INSERT INTO target.t (id) VALUES (gen_random_uuid())");
        Assert.Equal([["ok", "{ok}", "3", "true"]], await database.QueryAsync("SELECT feeling::text, feelings::text, height::text, is_ok::text FROM target.t"));
    }
}
