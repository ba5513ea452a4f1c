using System.Globalization;
using System.Text;
using Npgsql;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Loads a file by way of the product and by way of the server, and compares the tables column by column.</summary>
internal sealed class FuzzDatabase : IAsyncDisposable
{
    private static readonly StreamModel Model = MetadataReader.Parse(FuzzFile.Metadata);

    private readonly TestDatabase _database;
    private readonly NpgsqlConnection _server;
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (int Count, string Example)> _lenient = new(StringComparer.Ordinal);

    private FuzzDatabase(TestDatabase database, NpgsqlConnection server) => (_database, _server) = (database, server);

    /// <summary>What both loaded, differently; and errors without a name.</summary>
    public List<string> Differences { get; } = [];

    public static async Task<FuzzDatabase> CreateAsync(PostgresFixture postgres)
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, Model, planOnly: false, default);
        await database.ExecuteAsync("CREATE TABLE streaming.copied (LIKE streaming.t)");
        await database.ExecuteAsync("ALTER TABLE streaming.copied DROP COLUMN k");
        await database.ExecuteAsync("CREATE TABLE streaming.lines (line bigint GENERATED ALWAYS AS IDENTITY, j jsonb)");
        var settings = database.Settings();
        settings.Options = "-c timezone=UTC -c synchronous_commit=off -c search_path=streaming";
        var server = new NpgsqlConnection(settings.ConnectionString);
        await server.OpenAsync();
        return new FuzzDatabase(database, server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _database.DisposeAsync();
    }

    public async Task CompareAsync(string name, byte[] bytes, InputFormat format)
    {
        await RunAsync("TRUNCATE t, copied, lines");
        var ours = await OursAsync(name, bytes, format);
        var theirs = format == InputFormat.Csv ? await CopyAsync(bytes) : await PopulateAsync(bytes);
        Count($"{(ours is null ? "loaded" : "refused")}, by the server {(theirs is null ? "loaded" : "refused")}");
        if (ours is null && theirs is null)
        {
            await CompareRowsAsync(name, bytes);
        }
        else if (ours is null)
        {
            var kind = string.Concat(theirs!.MessageText.TakeWhile(character => character is not ('"' or ':')));
            _lenient[kind] = (_lenient.GetValueOrDefault(kind).Count + 1, $"{name}: {theirs.MessageText} ({theirs.Where})");
        }
    }

    public string Report() => string.Join('\n', [
        .. _outcomes.Select(entry => $"{entry.Value} {entry.Key}"),
        .. _lenient.Select(entry => $"  loaded although the server says: {entry.Value.Count} x {entry.Key}, such as {entry.Value.Example}"),
        .. Differences.Take(20)]);

    /// <summary>Null when the file was loaded, else the id of the error.</summary>
    private async Task<string?> OursAsync(string name, byte[] bytes, InputFormat format)
    {
        try
        {
            var file = new InputFile { Format = format, Table = "t" };
            await using var importer = await RowImporter.BeginAsync(_database.Connection, Model, new ImportOptions(), default);
            file.ReadInto(importer, Model, new MemoryStream(bytes), default);
            await importer.CompleteAsync(default);
            return null;
        }
        catch (StreamingException exception) when (exception.ErrorId.Length > 0 && exception.Message.Length > 0)
        {
            Count($"  {exception.ErrorId}");
            return exception.ErrorId;
        }
        catch (Exception exception)
        {
            Differences.Add($"{name}: an error without a name: {exception}");
            return exception.GetType().Name;
        }
    }

    private async Task<PostgresException?> CopyAsync(byte[] bytes)
    {
        try
        {
            await using var copy = await _server.BeginRawBinaryCopyAsync("COPY copied FROM STDIN (FORMAT csv, HEADER, ENCODING 'UTF8')");
            await copy.WriteAsync(bytes);
            await copy.DisposeAsync();
            return null;
        }
        catch (PostgresException exception)
        {
            return exception;
        }
    }

    private async Task<PostgresException?> PopulateAsync(byte[] bytes)
    {
        try
        {
            // Every character stands for itself but the delimiter and the quote, which no JSON text has.
            await using (var copy = await _server.BeginRawBinaryCopyAsync("COPY lines (j) FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ENCODING 'UTF8')"))
            {
                await copy.WriteAsync(bytes);
            }

            await RunAsync("INSERT INTO copied SELECT (jsonb_populate_record(NULL::copied, j)).* FROM lines WHERE j IS NOT NULL ORDER BY line");
            return null;
        }
        catch (PostgresException exception)
        {
            return exception;
        }
    }

    private async Task CompareRowsAsync(string name, byte[] bytes)
    {
        var columns = string.Join(", ", FuzzFile.Columns.Select(column => $"\"{column.Column}\"::text"));
        var (ours, theirs) = (await RowsAsync($"SELECT {columns} FROM t ORDER BY k"), await RowsAsync($"SELECT {columns} FROM copied ORDER BY ctid"));
        if (ours.Count != theirs.Count)
        {
            Differences.Add($"{name}: {ours.Count} rows, the server makes {theirs.Count}: {Encoding.UTF8.GetString(bytes)}");
        }

        for (var row = 0; row < Math.Min(ours.Count, theirs.Count); row++)
        {
            for (var column = 0; column < FuzzFile.Columns.Length; column++)
            {
                if (ours[row][column] != theirs[row][column])
                {
                    Differences.Add($"{name}: {FuzzFile.Columns[column].Column} is {ours[row][column] ?? "NULL"}, the server makes it {theirs[row][column] ?? "NULL"}");
                }
            }
        }
    }

    private async Task<List<string?[]>> RowsAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _server);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string?[]>();
        while (await reader.ReadAsync())
        {
            rows.Add([.. Enumerable.Range(0, reader.FieldCount).Select(field => reader.IsDBNull(field) ? null : reader.GetString(field))]);
        }

        return rows;
    }

    private void Count(string outcome) => _outcomes[outcome] = _outcomes.GetValueOrDefault(outcome) + 1;

    private async Task RunAsync(string sql)
    {
        await using var command = new NpgsqlCommand(sql, _server);
        await command.ExecuteNonQueryAsync();
    }
}
