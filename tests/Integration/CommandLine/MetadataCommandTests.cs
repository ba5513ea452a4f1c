using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.CommandLine;

[Collection(SecondPostgres.Name)]
public sealed class MetadataCommandTests(PostgresFixture postgres)
{
    private const string Tables =
        "CREATE SCHEMA streaming; CREATE TABLE streaming.author (author_id serial PRIMARY KEY); CREATE VIEW streaming.seen AS SELECT 1 AS one";

    [Fact]
    public async Task The_document_goes_to_standard_output_and_what_is_left_out_to_standard_error()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(Tables);

        var result = (await StreamingPgProgram.On(database.Settings()).RunAsync("metadata", "--from-database")).Expect(0);

        Assert.StartsWith("{\n  \"author\": {", result.Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("seen: it is a view", result.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_saved_document_is_not_replaced_unasked_and_is_taken_by_other_commands()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync(Tables);
        var program = StreamingPgProgram.On(database.Settings());
        var file = Path.Combine(Path.GetTempPath(), $"streamingpg-{Guid.NewGuid():N}.json");
        try
        {
            string[] save = ["metadata", "--from-database", "--table", "author", "--path", file];
            var saved = Assert.Single((await program.RunAsync([.. save, "--json"])).Expect(0).Json());
            Assert.Equal("author", saved.GetProperty("tables")[0].GetString());
            Assert.Contains("--force", (await program.RunAsync(save)).Expect(2).Error, StringComparison.Ordinal);
            (await program.RunAsync([.. save, "--force"])).Expect(0);
            Assert.Contains("author", (await program.RunAsync("init", "--metadata", file)).Expect(0).Output, StringComparison.Ordinal);
            var text = await File.ReadAllTextAsync(file);
            Assert.Contains("author", (await program.RunAsync("metadata", "--metadata", text)).Expect(0).Output, StringComparison.Ordinal);
            Assert.Contains("author", (await program.RunWithInputAsync(text, "metadata", "--metadata", "-")).Expect(0).Output, StringComparison.Ordinal);
            Assert.Contains("Add --path", (await program.RunAsync("import", "--table", "author", "--metadata", "-")).Expect(2).Error, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
