using System.Text;
using System.Text.Json;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Files through the engine of both doors: whole and as they are written, or not at all, with the reason.</summary>
[Collection(SharedPostgres.Name)]
public sealed class InputFileTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-input-").FullName;

    private static readonly StreamModel Model = MetadataReader.Parse(
        """
        { "t": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "txt": { "type": "TEXT", "nullable": true },
          "num": { "type": "NUMERIC", "nullable": true }, "dp": { "type": "DOUBLE PRECISION", "nullable": true },
          "d": { "type": "DATE", "nullable": true }, "ti": { "type": "TIME", "nullable": true }, "ts": { "type": "TIMESTAMP", "nullable": true },
          "tz": { "type": "TIMESTAMPTZ", "nullable": true }, "js": { "type": "JSONB", "nullable": true },
          "arr": { "type": "INTEGER[]", "nullable": true }, "prec": { "type": "NUMERIC(8,2)", "nullable": true } } },
          "one": { "columns": { "id": { "type": "BIGINT", "identity": "always", "primary_key": true }, "note": { "type": "TEXT", "nullable": true } } } }
        """);

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("id,txt\n1,\n2,\"\"\n", null, false, "1|-,2|")]
    [InlineData("id,txt\n1,\n2,\"\"\n", null, true, "1|-,2|-")]
    [InlineData("id;txt\n1;\"a;b\"\n", ";", false, "1|a;b")]
    [InlineData("id\ttxt\n1\ta,b\n", "tab", false, "1|a,b")]
    public async Task Csv_is_taken_as_it_is_written(string text, string? delimiter, bool emptyAsNull, string rows)
    {
        await using var database = await CreateAsync();

        await ImportAsync(database, text, new InputFile
        {
            Format = InputFormat.Csv, Table = "t", Delimiter = delimiter, Form = new InputForm { EmptyAsNull = emptyAsNull },
        });

        Assert.Equal(rows, await TextAsync(database, "id::text || '|' || coalesce(txt, '-')", "t ORDER BY id"));
    }

    [Fact]
    public async Task Csv_of_one_column_has_its_empty_lines()
    {
        await using var database = await CreateAsync();

        await ImportAsync(database, "note\na\n\n\"\"\n", new InputFile { Format = InputFormat.Csv, Table = "one" });

        Assert.Equal("a,-,", await TextAsync(database, "coalesce(note, '-')", "one ORDER BY id"));
    }

    [Theory]
    [InlineData("{\"id\":1,\"txt\":\"a\"}\n{\"id\":2,\"txt\":\"b\"}\n")]
    [InlineData("[{\"id\":1,\"txt\":\"a\"},{\"id\":2,\"txt\":\"b\"}]")]
    [InlineData("[\n  {\n    \"id\": 1,\n    \"txt\": \"a\"\n  },\n  {\n    \"id\": 2,\n    \"txt\": \"b\"\n  }\n]\n")]
    [InlineData("{\n  \"id\": 1,\n  \"txt\": \"a\"\n}\n{\n  \"id\": 2,\n  \"txt\": \"b\"\n}\n")]
    public async Task Json_may_be_lines_an_array_or_indented(string text)
    {
        await using var database = await CreateAsync();

        await ImportAsync(database, text, new InputFile { Table = "t" });

        Assert.Equal("1a,2b", await TextAsync(database, "id::text || txt", "t ORDER BY id"));
    }

    [Theory]
    [InlineData(InputFormat.Csv, "id,txt\n1,a\n2,\"b")]
    [InlineData(InputFormat.Csv, "id,txt\n1,a\n2")]
    [InlineData(InputFormat.Csv, "id,\"txt\n1,a\n")]
    [InlineData(InputFormat.Json, "{\"id\":1}\n{\"id\":2")]
    [InlineData(InputFormat.Json, "[{\"id\":1},{\"id\":2}")]
    [InlineData(InputFormat.Json, "[{\"id\":1},")]
    public async Task A_file_that_was_cut_off_is_no_success_with_rejects_either(InputFormat format, string text)
    {
        await using var database = await CreateAsync();
        var rejects = Path.Combine(_folder, "rejects.jsonl");

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(
            database, text, new InputFile { Format = format, Table = "t" }, new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = rejects }));

        Assert.Equal("InputUnfinished", error.ErrorId);
        Assert.Equal(0, await database.CountAsync("t"));
        Assert.False(File.Exists(rejects));
    }

    [Fact]
    public async Task Bytes_of_another_encoding_are_refused_with_their_place_and_read_by_name()
    {
        await using var database = await CreateAsync();
        byte[] bytes = [.. "id,txt\n1,caf"u8, 0xE9, (byte)'\n'];
        var file = new InputFile { Format = InputFormat.Csv, Table = "t" };

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, bytes, file));
        Assert.Equal("InputEncodingInvalid", error.ErrorId);
        Assert.Contains("0xE9 at position 12, in line 2", error.Message, StringComparison.Ordinal);

        await ImportAsync(database, bytes, file with { Encoding = "windows-1252" });
        await ImportAsync(database, [.. Encoding.Unicode.GetPreamble(), .. Encoding.Unicode.GetBytes("id,txt\n2,é\n")], file);
        Assert.Equal("café,é", await TextAsync(database, "txt", "t ORDER BY id"));
    }

    [Fact]
    public async Task What_NET_does_not_have_goes_in_where_the_column_takes_it_and_into_rejects_and_back()
    {
        await using var database = await CreateAsync();
        const string Rows =
            """
            {"id":1,"d":"infinity","ts":"-infinity","tz":"infinity","ti":"24:00:00","num":"NaN","dp":"NaN"}
            {"id":2,"d":"0753-04-21 BC","ts":"0044-03-15 12:00:00 BC","tz":"0001-01-01 00:00:00+00 BC","num":"-Infinity","dp":"-inf"}
            {"id":3,"d":"5874897-12-31","ts":"294276-12-31 23:59:59.999999","js":{"a":[1,{"b":null}]},"arr":[[1,2],[3,4]]}
            """;
        await ImportAsync(database, Rows, new InputFile { Table = "t" });

        Assert.Equal(
            [["infinity", "-infinity", "infinity", "24:00:00", "NaN", "NaN"],
             ["0753-04-21 BC", "0044-03-15 12:00:00 BC", "0001-01-01 00:00:00+00 BC", null, "-Infinity", "-Infinity"],
             ["5874897-12-31", "294276-12-31 23:59:59.999999", null, null, null, null]],
            await database.QueryAsync("SET timezone = 'UTC'; SELECT d::text, ts::text, tz::text, ti::text, num::text, dp::text FROM streaming.t ORDER BY id"));
        Assert.Equal("{{1,2},{3,4}} {\"a\": [1, {\"b\": null}]}", await database.ScalarAsync<string>("SELECT arr::text || ' ' || js::text FROM streaming.t WHERE id = 3"));

        // The same keys again: all rows are rejected with their values, and come back from the file of rejects.
        var rejects = Path.Combine(_folder, "rejects.jsonl");
        await ImportAsync(database, Rows, new InputFile { Table = "t" }, new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = rejects });
        await database.ExecuteAsync("ALTER TABLE streaming.t RENAME TO before");
        await database.ExecuteAsync("CREATE TABLE streaming.t (LIKE streaming.before INCLUDING ALL)");
        await ImportAsync(database, await File.ReadAllBytesAsync(rejects), new InputFile { Format = InputFormat.Rejects });
        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM (SELECT t::text FROM streaming.t EXCEPT SELECT b::text FROM streaming.before b) x"));
        Assert.Equal(3, await database.CountAsync("t"));
    }

    [Theory]
    [InlineData("{\"id\":1,\"prec\":\"infinity\"}", "prec")]
    [InlineData("{\"id\":1,\"d\":\"03.04.2026\"}", "d")]
    [InlineData("{\"id\":1,\"d\":\"2026-01-31T24:00:00\"}", "d")]
    [InlineData("{\"id\":1,\"d\":\"2026-01-31T23:59:59.9999999\"}", "d")]
    [InlineData("{\"id\":1,\"ts\":\"1.5\"}", "ts")]
    [InlineData("{\"id\":1,\"ts\":1.5}", "ts")]
    [InlineData("{\"id\":1,\"ts\":\"10:30\"}", "ts")]
    [InlineData("{\"id\":1,\"txt\":[1]}", "txt")]
    [InlineData("{\"id\":1,\"txt\":{\"a\":1}}", "txt")]
    [InlineData("{\"id\":1,\"js\":\"plain\"}", "js")]
    [InlineData("{\"id\":1,\"arr\":[[1],[2,3]]}", "arr")]
    public async Task What_a_column_does_not_take_is_refused_with_row_and_column(string row, string column)
    {
        await using var database = await CreateAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, row, new InputFile { Table = "t" }));

        Assert.Equal("ValueDoesNotFit", error.ErrorId);
        Assert.StartsWith($"Row 1: column \"{column}\"", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, await database.CountAsync("t"));
    }

    [Theory]
    [InlineData("03.04.2026", "dd.MM.yyyy", "2026-04-03 00:00:00")]
    [InlineData("04/03/2026 5:30 PM", "MM/dd/yyyy h:mm tt", "2026-04-03 17:30:00")]
    public async Task Dates_are_read_in_the_format_that_is_given(string text, string format, string kept)
    {
        await using var database = await CreateAsync();
        var file = new InputFile { Format = InputFormat.Csv, Table = "t", Form = new InputForm { DateFormat = format } };

        await ImportAsync(database, $"id,ts,num\n1,{text},1.5\n", file);

        Assert.Equal(kept + "1.5", await TextAsync(database, "ts::text || num::text", "t"));
        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database, "id,ts\n2,2026-04-03\n", file));
        Assert.Contains("Row 1: column \"ts\"", error.Message, StringComparison.Ordinal);
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, Model, planOnly: false, default);
        return database;
    }

    private static Task ImportAsync(TestDatabase database, string text, InputFile file, ImportOptions? options = null) =>
        ImportAsync(database, Encoding.UTF8.GetBytes(text), file, options);

    private static async Task ImportAsync(TestDatabase database, byte[] bytes, InputFile file, ImportOptions? options = null)
    {
        file.Check();
        await using var importer = await RowImporter.BeginAsync(database.Connection, Model, options ?? new ImportOptions(), default);
        file.ReadInto(importer, Model, new MemoryStream(bytes), default);
        await importer.CompleteAsync(default);
    }

    private static Task<string> TextAsync(TestDatabase database, string expression, string from) =>
        database.ScalarAsync<string>($"SELECT string_agg(x, ',') FROM (SELECT {expression} AS x FROM streaming.{from}) q");
}
