using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>What we write as text is the same value to an import and to the server's own COPY, for every type.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ValueTextTests(PostgresFixture postgres) : IDisposable
{
    private const int Rows = 60;
    private const long Seed = 5;

    private static readonly byte[] CopyHeader = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] CopyEnd = [0xFF, 0xFF];

    private static readonly Dictionary<string, string[]> Extremes = new()
    {
        ["DATE"] = ["infinity", "-infinity", "0044-03-15 BC", "0001-02-29 BC", "4713-01-01 BC", "10000-02-29", "5874897-12-31"],
        ["TIME"] = ["24:00:00"],
        ["TIMESTAMP"] = ["infinity", "-infinity", "0044-03-15 12:00:00.5 BC", "4713-01-01 00:00:00 BC", "294276-12-31 23:59:59.999999"],
        ["TIMESTAMPTZ"] = ["infinity", "-infinity", "0044-03-15 12:00:00.5+00 BC", "10000-01-01 00:00:00+00"],
        ["REAL"] = ["0.1", "-0", "16777217", "1e10"],
        ["DOUBLE PRECISION"] = ["-0", "1e22", "123456789.12345678"],
    };

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-values-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("csv")]
    [InlineData("json")]
    public async Task What_generate_writes_is_what_a_batch_writes_in_binary_for_every_type(string format)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var metadata = Path.Combine(_folder, "everything.json");
        await File.WriteAllTextAsync(metadata, TypeCatalog.Metadata("UUID"));
        var model = MetadataReader.Load(metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        var table = model.Table("everything");
        await CopyBinaryAsync(database, model, table);
        var expected = await ContentsAsync(database, table);
        Assert.Equal(Rows, expected.Count);

        var output = (await new StreamingPgProgram().RunAsync(
            "generate", "--metadata", metadata, "--table", "everything", "--rows", $"everything={Rows}", "child=0", "--seed", $"{Seed}", "--format", format)).Expect(0).Output;

        await database.ExecuteAsync("TRUNCATE streaming.everything CASCADE");
        (await StreamingPgProgram.On(database.Settings()).RunWithInputAsync(
            output, "import", "--metadata", metadata, "--table", "everything", "--format", format)).Expect(0);
        AssertSame(table, expected, await ContentsAsync(database, table));
        if (format == "csv")
        {
            await database.ExecuteAsync("TRUNCATE streaming.everything CASCADE");
            var file = Path.Combine(_folder, "everything.csv");
            await File.WriteAllTextAsync(file, output);
            await Psql.RunAsync(
                database, $@"\copy streaming.everything ({Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name))}) from '{file}' (format csv, header)");
            AssertSame(table, expected, await ContentsAsync(database, table));
        }
    }

    [Fact]
    public async Task Every_value_of_every_type_is_written_so_that_both_we_and_the_server_read_the_same()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("SET TIME ZONE 'UTC'");
        foreach (var (name, texts) in TypeCatalog.Values.Where(pair => !char.IsAsciiLetterLower(pair.Key[0])))
        {
            Assert.True(ColumnType.TryParse(name, out var type, out _));
            foreach (var text in texts.Concat(Extremes.GetValueOrDefault(name) ?? []).Where(text => text != "3.04:05:06"))
            {
                await AssertKeptAsync(database, type, name, text);
            }

            await AssertKeptAsync(database, type.ToArray(), $"{name}[]", ValueText.Of(texts.Where(text => text != "3.04:05:06").Append(null).ToArray()));
        }
    }

    private static async Task AssertKeptAsync(TestDatabase database, ColumnType type, string name, string text)
    {
        var field = await database.ScalarAsync<byte[]>($"SELECT {BinaryType.SendSql(type, $"$1::text::{name}")}", text);
        var value = FieldCodec.Read(type, field);
        var written = ValueText.Of(value);
        Assert.True(
            await database.ScalarAsync<bool>($"SELECT $1::text::{name}::text = $2::text::{name}::text", text, written),
            $"{name}: {text} is written {written}");
        AssertReadsAs(type, written, written, name);

        using var json = new MemoryStream();
        await using (var writer = new Utf8JsonWriter(json))
        {
            ValueText.WriteJson(writer, value);
        }

        using var document = JsonDocument.Parse(json.ToArray());
        var read = document.RootElement.ValueKind is JsonValueKind.String ? document.RootElement.GetString()! : document.RootElement.GetRawText();
        AssertReadsAs(type, read, written, name);
    }

    private static void AssertReadsAs(ColumnType type, string text, string expected, string name)
    {
        var read = ValueText.Of(FieldCodec.Read(type, FieldCodec.Encode(type, text)));
        Assert.True(read == expected, $"{name}: {text} is read as {read}, and is {expected}");
    }

    private static async Task CopyBinaryAsync(TestDatabase database, StreamModel model, TableModel table)
    {
        var generator = new BatchGenerator(
            new BatchPlan
            {
                Model = model,
                Seed = Seed,
                BatchNumber = 0,
                ReferenceTime = BatchPlan.FixedReferenceTime,
                KeyTime = new DateTimeOffset(BatchPlan.FixedReferenceTime).ToUnixTimeMilliseconds(),
                Rows = new Dictionary<string, long> { [table.Name] = Rows },
            },
            chunk: 0).Table(table.Name);
        using var block = new RowBlock(4 << 20);
        Assert.Equal(Rows, generator.Fill(new RowWriter(block), 0, Rows));
        await using var open = await database.Connection.OpenAsync(default);
        await using var copy = await open.BeginRawBinaryCopyAsync(
            $"COPY streaming.everything ({Identifier.QuoteList(table.WrittenColumns.Select(column => column.Name))}) FROM STDIN (FORMAT BINARY)");
        await copy.WriteAsync(CopyHeader);
        await copy.WriteAsync(block.Memory);
        await copy.WriteAsync(CopyEnd);
    }

    private static async Task<List<object?[]>> ContentsAsync(TestDatabase database, TableModel table) => await database.QueryAsync(
        $"SELECT {string.Join(", ", table.WrittenColumns.Select(column => $"{Identifier.Quote(column.Name)}::text"))} FROM streaming.everything ORDER BY id");

    private static void AssertSame(TableModel table, List<object?[]> expected, List<object?[]> actual)
    {
        Assert.Equal(expected.Count, actual.Count);
        var columns = table.WrittenColumns.ToList();
        foreach (var (before, after) in expected.Zip(actual))
        {
            foreach (var (column, own, their) in columns.Zip(before, after))
            {
                Assert.True(Equals(own, their), $"{column.Name} {column.Type.ToSql()}: {own} became {their}");
            }
        }
    }
}
