using Parquet;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Export;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;
using StreamingPg.Tests.Integration.Types;

namespace StreamingPg.Tests.Integration.Export;

/// <summary>Files have the rows of a batch or of a database, and what loads them gets the same rows.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ExportTests(PostgresFixture postgres) : IDisposable
{
    private const int Seed = 11;

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("Csv", "None", 1_000_000)]
    [InlineData("Copy", "Gzip", 1_000_000)]
    [InlineData("Sql", "Gzip", 100)]
    [InlineData("Jsonl", "None", 50)]
    public async Task Loading_the_files_gives_the_rows_of_a_batch_with_the_same_seed(string format, string compression, int rowsPerFile)
    {
        var model = MetadataReader.Load(ShopExample.Path);
        await using var loaded = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(loaded.Connection, model, planOnly: false, default);
        var batch = await BatchRunner.RunAsync(
            loaded.Connection,
            model,
            new BatchOptions { Rows = new Dictionary<string, long> { ["products"] = 40 }, RowsOfMetadata = true, Seed = Seed, ChunkSize = 150, Rhythm = RhythmModel.Of(model, null, null) },
            progress: null, events: null, default, default);
        Assert.True(batch.Chunks > 1);

        var files = (await new StreamingPgProgram().RunAsync(
            "export", "--path", _folder, "--metadata", ShopExample.Path, "--rows", "products=40", "--seed", $"{Seed}", "--chunk-size", "150",
            "--format", format, "--compression", compression, "--rows-per-file", $"{rowsPerFile}", "--json")).Expect(0).Json();

        Assert.Equal(batch.TotalRows, files.Sum(file => file.GetProperty("rows").GetInt64()));
        Assert.All(files, file => Assert.InRange(file.GetProperty("rows").GetInt64(), 0, rowsPerFile));
        await using var read = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(read.Connection, model, planOnly: false, default);
        await Psql.RunAsync(read, @"\i load.sql", "-c", $@"\cd '{_folder}'");
        foreach (var table in model.Tables)
        {
            Assert.Equal(await RowsAsync(loaded, table.Name), await RowsAsync(read, table.Name));
        }

        // The sequences go on after the rows.
        await BatchRunner.RunAsync(
            read.Connection, model, new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true }, progress: null, events: null, default, default);
    }

    [Theory]
    [InlineData("Csv")]
    [InlineData("Copy")]
    [InlineData("Sql")]
    [InlineData("Jsonl")]
    public async Task Values_of_every_type_come_back_from_the_files_of_a_database(string format)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var metadata = Path.Combine(_folder, "everything.json");
        await File.WriteAllTextAsync(metadata, TypeCatalog.Metadata("UUID"));
        var model = MetadataReader.Load(metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("batch", "--metadata", metadata, "--rows", "everything=300", "child=50", "--seed", $"{Seed}")).Expect(0);
        var before = await RowsAsync(database, "everything");
        Assert.Equal(300, before.Count);

        var data = Path.Combine(_folder, "data");
        (await program.RunAsync("export", "--path", data, "--metadata", metadata, "--from-database", "--format", format)).Expect(0);
        Assert.Contains("already has", (await program.RunAsync("export", "--path", data, "--metadata", metadata, "--format", format)).Expect(2).Error, StringComparison.Ordinal);

        await database.ExecuteAsync("TRUNCATE streaming.everything CASCADE");
        await Psql.RunAsync(database, @"\i load.sql", "-c", $@"\cd '{data}'");
        Assert.Equal(before, await RowsAsync(database, "everything"));
    }

    [Fact]
    public async Task Files_of_an_earlier_export_stay_until_the_new_ones_are_complete()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init")).Expect(0);
        string[] export = ["export", "--path", _folder, "--rows-per-file", "2"];
        (await program.RunAsync([.. export, "--users", "5", "--transactions", "5", "--details", "5"])).Expect(0);
        var before = Contents();
        Assert.Equal(10, before.Count);

        // The last of the tables cannot be read.
        await database.ExecuteAsync("DROP TABLE streaming.detailed_transactions");
        (await program.RunAsync([.. export, "--from-database", "--force"])).Expect(1);
        Assert.Equal(before, Contents());

        (await program.RunAsync([.. export, "--users", "3", "--transactions", "3", "--details", "3", "--force"])).Expect(0);
        Assert.Equal(7, Contents().Count);

        SortedDictionary<string, string> Contents() => new(
            Directory.EnumerateFiles(_folder).ToDictionary(path => Path.GetFileName(path), File.ReadAllText), StringComparer.Ordinal);
    }

    [Fact]
    public async Task Parquet_has_rows_and_types()
    {
        var files = (await new StreamingPgProgram().RunAsync(
            "export", "--path", _folder, "--users", "500", "--transactions", "900", "--details", "2000", "--seed", $"{Seed}", "--format", "Parquet",
            "--compression", "Zstd", "--json")).Expect(0).Json();
        Assert.Equal([500, 900, 2000], files.Select(file => file.GetProperty("rows").GetInt64()));

        await using var stream = File.OpenRead(files[1].GetProperty("path").GetString()!);
        await using var reader = await ParquetReader.CreateAsync(stream);
        Assert.Equal(
            [("transaction_id", typeof(Guid)), ("user_id", typeof(Guid)), ("amount", typeof(decimal)), ("transaction_date", typeof(DateTime)), ("status", typeof(ReadOnlyMemory<char>))],
            reader.Schema.GetDataFields().Select(field => (field.Name, field.ClrType)));

        var csv = (await new StreamingPgProgram().RunAsync(
            "export", "--path", _folder, "--users", "500", "--transactions", "900", "--details", "2000", "--seed", $"{Seed}", "--json")).Expect(0).Json();
        var amounts = File.ReadLines(csv[1].GetProperty("path").GetString()!).Skip(1).Select(line => line.Split(',')[2]);
        Assert.Equal(amounts.Select(text => decimal.Parse(text, System.Globalization.CultureInfo.InvariantCulture)), await AmountsAsync(reader));
    }

    [Fact]
    public async Task Parquet_groups_end_when_their_values_are_large()
    {
        var table = MetadataReader.Parse("""{"page": {"columns": {"id": {"type": "INTEGER", "primary_key": true}, "body": {"type": "TEXT"}}}}""").Table("page");
        string?[] bodies = [.. Enumerable.Range(0, 60).Select(row => row % 7 == 0 ? null : new string((char)('a' + (row % 26)), row % 10 == 5 ? 200_000 : row))];
        await using var files = new ParquetFiles(table, new ExportOptions { Folder = _folder, Format = ExportFormat.Parquet }, mostBytes: 100_000);
        foreach (var rows in bodies.Index().Chunk(2))
        {
            var block = new RowBlock();
            var writer = new RowWriter(block);
            foreach (var (id, body) in rows)
            {
                writer.BeginRow(2);
                writer.WriteInt32(id);
                if (body is null)
                {
                    writer.WriteNull();
                }
                else
                {
                    writer.WriteText(body);
                }

                writer.EndRow();
            }

            await files.WriteAsync(writer.Block, default);
        }

        await files.CompleteAsync(default);
        files.Name();

        await using var stream = File.OpenRead(files.Complete[0].Path);
        await using var reader = await ParquetReader.CreateAsync(stream);
        var read = new List<string?>();
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var values = new ReadOnlyMemory<char>?[rows.RowCount];
            await rows.ReadAsync<ReadOnlyMemory<char>>(reader.Schema.GetDataFields()[1], values.AsMemory());
            read.AddRange(values.Select(value => value?.ToString()));
        }

        Assert.Equal(bodies, read);
        Assert.Equal(bodies.Count(body => body?.Length == 200_000) + 1, reader.RowGroupCount);
    }

    [Fact]
    public async Task Options_of_generated_rows_do_not_go_with_a_database() => Assert.Contains(
        "--seed", (await new StreamingPgProgram().RunAsync("export", "--path", _folder, "--from-database", "--seed", "1")).Expect(2).Error, StringComparison.Ordinal);

    private static async Task<IEnumerable<decimal>> AmountsAsync(ParquetReader reader)
    {
        var amounts = new List<decimal>();
        var field = reader.Schema.GetDataFields().Single(field => field.Name == "amount");
        for (var group = 0; group < reader.RowGroupCount; group++)
        {
            using var rows = reader.OpenRowGroupReader(group);
            var values = new decimal?[rows.RowCount];
            await rows.ReadAsync<decimal>(field, values.AsMemory());
            amounts.AddRange(values.Select(value => value!.Value));
        }

        return amounts;
    }

    private static async Task<List<string?>> RowsAsync(TestDatabase database, string table) =>
        [.. (await database.QueryAsync($"SELECT t::text FROM streaming.{Identifier.Quote(table)} AS t ORDER BY 1")).Select(row => (string?)row[0])];
}
