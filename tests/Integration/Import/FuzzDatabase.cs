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
    private readonly FuzzDoor _door;
    private readonly SortedDictionary<string, int> _outcomes = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, (int Count, string Example)> _lenient = new(StringComparer.Ordinal);

    private FuzzDatabase(TestDatabase database, NpgsqlConnection server, FuzzDoor door) => (_database, _server, _door) = (database, server, door);

    /// <summary>What both loaded, differently; and errors without a name.</summary>
    public List<string> Differences { get; } = [];

    public static async Task<FuzzDatabase> CreateAsync(PostgresFixture postgres, FuzzDoor door)
    {
        var database = await postgres.CreateDatabaseAsync();
        await SchemaInitializer.InitializeAsync(database.Connection, Model, planOnly: false, default);
        await database.ExecuteAsync("CREATE TABLE streaming.copied (LIKE streaming.t)");
        await database.ExecuteAsync("ALTER TABLE streaming.copied DROP COLUMN k");
        await database.ExecuteAsync($"CREATE TABLE streaming.texts ({string.Join(", ", FuzzFile.Columns.Select(column => $"\"{column.Column}\" text"))})");
        await database.ExecuteAsync("CREATE TABLE streaming.lines (line bigint GENERATED ALWAYS AS IDENTITY, j jsonb)");
        var settings = database.Settings();
        settings.Options = "-c timezone=UTC -c synchronous_commit=off -c search_path=streaming";
        var server = new NpgsqlConnection(settings.ConnectionString);
        await server.OpenAsync();
        return new FuzzDatabase(database, server, door);
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
        var theirs = format == InputFormat.Csv ? await CopyAsync(bytes, "copied") : await PopulateAsync(bytes);
        Count($"{(ours is null ? "loaded" : "refused")}, by the server {(theirs is null ? "loaded" : "refused")}");
        await KeepAsync(name, bytes, format, ours);
        if (ours is null && theirs is null)
        {
            await CompareRowsAsync(name, bytes, format);
        }
        else if (ours is null)
        {
            var kind = string.Concat(theirs!.MessageText.TakeWhile(character => character is not ('"' or ':')));
            _lenient[kind] = (_lenient.GetValueOrDefault(kind).Count + 1, $"{name}: {theirs.MessageText} ({theirs.Where})");
        }
    }

    /// <summary>Leaves the file and what became of it in a folder, for the other door: tests/Pester/Compare-FuzzFile.ps1.</summary>
    private async Task KeepAsync(string name, byte[] bytes, InputFormat format, string? error)
    {
        if (Environment.GetEnvironmentVariable("STREAMINGPG_FUZZ_FOLDER") is { Length: > 0 } folder)
        {
            Directory.CreateDirectory(folder);
            await File.WriteAllTextAsync(Path.Combine(folder, "metadata.json"), FuzzFile.Metadata);
            var path = Path.Combine(folder, $"{name.Replace(' ', '-')}.{(format == InputFormat.Csv ? "csv" : "json")}");
            await File.WriteAllBytesAsync(path, bytes);
            var rows = await RowsAsync("SELECT coalesce(md5(string_agg((to_jsonb(t) - 'k')::text, '|' ORDER BY k)), 'empty') FROM t");
            await File.WriteAllTextAsync(path + ".outcome", error ?? rows[0][0]);
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
            var error = await _door(_database, bytes, format);
            if (error is not null)
            {
                Count($"  {error}");
            }

            return error;
        }
        catch (Exception exception)
        {
            Differences.Add($"{name}: an error without a name: {exception}");
            return exception.GetType().Name;
        }
    }

    private async Task<PostgresException?> CopyAsync(byte[] bytes, string table)
    {
        try
        {
            await SendAsync($"COPY {table} FROM STDIN (FORMAT csv, HEADER, ENCODING 'UTF8')", bytes);
            return null;
        }
        catch (PostgresException exception)
        {
            return exception;
        }
    }

    /// <summary>The bytes as they are, past the writer that would encode text.</summary>
    private async Task SendAsync(string sql, byte[] bytes)
    {
        await using var copy = await _server.BeginTextImportAsync(sql);
        await ((StreamWriter)copy).BaseStream.WriteAsync(bytes);
    }

    private async Task<PostgresException?> PopulateAsync(byte[] bytes)
    {
        try
        {
            // Every character stands for itself but the delimiter and the quote, which no JSON text has.
            await SendAsync("COPY lines (j) FROM STDIN (FORMAT csv, DELIMITER E'\\x01', QUOTE E'\\x02', ENCODING 'UTF8')", bytes);
            await RunAsync(PopulateSql("copied"));
            return null;
        }
        catch (PostgresException exception)
        {
            return exception;
        }
    }

    private static string PopulateSql(string table) =>
        $"INSERT INTO {table} SELECT (jsonb_populate_record(NULL::{table}, j)).* FROM lines WHERE j IS NOT NULL ORDER BY line";

    private async Task CompareRowsAsync(string name, byte[] bytes, InputFormat format)
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
                if (ours[row][column] == theirs[row][column])
                {
                    continue;
                }

                if (FuzzFile.Columns[column].Column == "ts" && ours[row][column] == await InUtcAsync(bytes, format, row))
                {
                    Count("  times with a zone in a column without one: converted to UTC, the server drops the zone");
                }
                else if (format == InputFormat.Json && FuzzFile.Columns[column].Column == "js" && ours[row][column] == await InsideAsync(theirs[row][column]))
                {
                    Count("  text in a column of JSON: read as JSON, as generate and CSV write it; the server makes a JSON string of it");
                }
                else if (format == InputFormat.Json && FuzzFile.Columns[column].Column is ("txt" or "vc") && IsSameNumber(ours[row][column], theirs[row][column]))
                {
                    Count("  numbers in a column of text: kept as they are written, the server writes 1e3 as 1000");
                }
                else
                {
                    Differences.Add($"{name}: {FuzzFile.Columns[column].Column} is {ours[row][column] ?? "NULL"}, the server makes it {theirs[row][column] ?? "NULL"}");
                }
            }
        }
    }

    /// <summary>What the server makes of the text of a time when it does not drop the zone: this session's is UTC.</summary>
    private async Task<string?> InUtcAsync(byte[] bytes, InputFormat format, int row)
    {
        await RunAsync("TRUNCATE texts");
        if (format == InputFormat.Csv)
        {
            await CopyAsync(bytes, "texts");
        }
        else
        {
            await RunAsync(PopulateSql("texts"));
        }

        return (await RowsAsync("SELECT (ts::timestamptz AT TIME ZONE 'UTC')::text FROM texts ORDER BY ctid"))[row][0];
    }

    /// <summary>The JSON that a JSON string spells.</summary>
    private async Task<string?> InsideAsync(string? json)
    {
        await using var command = new NpgsqlCommand("SELECT (($1::jsonb #>> '{}')::jsonb)::text", _server);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)json ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text });
        return await command.ExecuteScalarAsync() as string;
    }

    private static bool IsSameNumber(string? ours, string? theirs) =>
        decimal.TryParse(ours, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
        && decimal.TryParse(theirs, NumberStyles.Float, CultureInfo.InvariantCulture, out var other)
        && number == other;

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
