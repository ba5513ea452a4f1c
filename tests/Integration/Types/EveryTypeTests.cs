using StreamingPg.Core.Binary;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Tables with columns of every type: created, filled by both ways of loading, checked, imported, created again.</summary>
[Collection(SharedPostgres.Name)]
public sealed class EveryTypeTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("UUID")]
    [InlineData("SMALLSERIAL")]
    [InlineData("SERIAL")]
    [InlineData("BIGSERIAL")]
    public async Task Batches_small_and_large_fill_every_column_and_the_tables_stay_as_they_were_made(string keyType)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(TypeCatalog.Metadata(keyType));
        var made = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        Assert.All(made, change => Assert.Equal(SchemaAction.Created, change.Action));
        var again = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        Assert.All(again, change => Assert.Equal(SchemaAction.Unchanged, change.Action));

        await LoadAsync(database, model, 100, 100);
        await LoadAsync(database, model, 1500, 700);
        await LoadAsync(database, model, 0, 50);

        Assert.Equal(1600, await database.CountAsync("everything"));
        Assert.Equal(850, await database.CountAsync("child"));
        foreach (var (column, type, _) in TypeCatalog.Columns)
        {
            Assert.Equal(0L, await database.ScalarAsync<long>($"SELECT count(*) FROM streaming.everything WHERE {column} IS NULL"));
            Assert.True(await database.ScalarAsync<long>($"SELECT count(DISTINCT {column}::text) FROM streaming.everything") > 1, type);
        }

        Assert.Equal(0L, await database.ScalarAsync<long>(
            "SELECT count(*) FROM streaming.everything WHERE doubled IS DISTINCT FROM c1 / 2 - 1 OR origin IS DISTINCT FROM 'the server''s'"));
        await foreach (var result in IntegrityChecker.CheckAsync(database.Connection, model, default))
        {
            Assert.True(result.Count == 0, $"{result.Check}: {result.Detail}");
        }
    }

    [Fact]
    public async Task Text_of_every_type_is_imported_as_the_server_itself_reads_it()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(TypeCatalog.Metadata("UUID"));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        var table = model.Table("everything");
        var expected = new Dictionary<Guid, (string Column, string Type, string Text)>();
        await using (var importer = await RowImporter.BeginAsync(database.Connection, model, default))
        {
            foreach (var (column, type, element) in TypeCatalog.Columns)
            {
                foreach (var text in element is null ? TypeCatalog.Values[type] : Arrays(TypeCatalog.Values[element]))
                {
                    var id = Guid.NewGuid();
                    var values = new object?[table.Columns.Count];
                    values[0] = id.ToString();
                    values[table.Columns.ToList().FindIndex(candidate => candidate.Name == column)] = text;
                    values[table.Columns.ToList().FindIndex(candidate => candidate.Name == "made_at")] = "2026-01-31";
                    importer.Add(table, values);
                    expected.Add(id, (column, type, text));
                }
            }

            await importer.CompleteAsync(default);
        }

        foreach (var (id, (column, type, text)) in expected)
        {
            var name = ColumnSql(type);
            Assert.True(
                await database.ScalarAsync<bool>(
                    $"SELECT {column}::text IS NOT DISTINCT FROM ($1::text::{name})::text FROM streaming.everything WHERE id = $2", ServerText(type, text), id),
                $"{type}: {text} became {(await database.QueryAsync($"SELECT {column}::text FROM streaming.everything WHERE id = $1", id))[0][0]}");
        }
    }

    [Theory]
    [InlineData("SMALLINT", "32768", "outside the range of smallint")]
    [InlineData("BIGINT", "9223372036854775808", "outside the range of bigint")]
    [InlineData("REAL", "1e39", "outside the range of real")]
    [InlineData("BOOLEAN", "perhaps", "neither true nor false")]
    [InlineData("DECIMAL(38,10)", "12345678901234567890123456789.5", "it is too large for DECIMAL(38,10)")]
    [InlineData("DECIMAL(38,10)", "9999999999999999999999999999.99999999995", "it is too large for DECIMAL(38,10)")]
    [InlineData("DECIMAL(5,2)", "Infinity", "cannot be infinite")]
    [InlineData("DECIMAL", "1e999999", "too large")]
    [InlineData("DECIMAL", "1.2.3e4", "it is not a number")]
    [InlineData("DECIMAL", "12345678901234567890123456789x", "it is not a number")]
    [InlineData("DATE", "2025-02-30", "not a date")]
    [InlineData("TIME", "25:00", "not a time of day")]
    [InlineData("INTERVAL", "3 fortnights", "not an interval")]
    [InlineData("BYTEA", "deadbeef", "not bytes")]
    [InlineData("JSONB", "{a: 1}", "not valid JSON")]
    [InlineData("INET", "300.1.2.3", "not an IP address")]
    [InlineData("CIDR", "10.1.2.3/8", "to the right of the network mask")]
    [InlineData("MACADDR", "08:00", "not a MAC address")]
    [InlineData("mood", "happy", "it is not one of sad")]
    [InlineData("INTEGER[]", "{1,x}", "element 2: it is not a whole number")]
    [InlineData("TEXT[]", "a,b", "it is not an array")]
    public async Task What_does_not_fit_is_refused_with_row_column_value_and_reason(string type, string text, string reason)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse($$"""
            {"$types": {"mood": {"enum": ["sad", "ok"]} },
             "t": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "value": {"type": "{{type}}"} } } }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        await using var importer = await RowImporter.BeginAsync(database.Connection, model, default);

        var error = Assert.Throws<StreamingException>(() => importer.Add(model.Table("t"), [null, text]));

        Assert.Equal("ValueDoesNotFit", error.ErrorId);
        Assert.StartsWith($"Row 1: column \"value\" ({type}) of \"t\" cannot take \"{text}\": ", error.Message, StringComparison.Ordinal);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
    }

    private static async Task LoadAsync(TestDatabase database, StreamModel model, long everything, long child) =>
        await BatchRunner.RunAsync(
            database.Connection,
            model,
            new BatchOptions { Rows = new Dictionary<string, long> { ["everything"] = everything, ["child"] = child } },
            progress: null,
            default);

    /// <summary>All values as one array, in both forms; an empty array; one with NULL.</summary>
    private static IEnumerable<string> Arrays(string[] texts)
    {
        yield return ValueText.Of(texts.Append(null).ToArray());
        yield return System.Text.Json.JsonSerializer.Serialize(texts);
        yield return "{}";
    }

    private static string ColumnSql(string type) => type switch
    {
        _ when char.IsAsciiLetterLower(type[0]) => $"streaming.{type}",
        _ => type,
    };

    /// <summary>The text for the server, which knows neither JSON's arrays nor TimeSpan's form of days.</summary>
    private static string ServerText(string type, string text)
    {
        var plain = text.StartsWith('[') && type.EndsWith(']')
            ? ValueText.Of(System.Text.Json.JsonSerializer.Deserialize<string[]>(text)!)
            : text;
        return type.StartsWith("INTERVAL", StringComparison.Ordinal) ? plain.Replace("3.04:05:06", "3 days 04:05:06", StringComparison.Ordinal) : plain;
    }
}
