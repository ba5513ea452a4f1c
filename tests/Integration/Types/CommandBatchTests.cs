using System.Globalization;
using System.Text.Json.Nodes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>
/// What generators write as binary COPY is what the server reads back, for tables of random columns: every type, arrays of it, any
/// length and precision, with and without bounds and NULLs. The server checks all constraints as it takes the rows.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class CommandBatchTests(PostgresFixture postgres)
{
    private const int Models = 16;
    private const int Tables = 12;
    private const int Rows = 60;

    private static readonly byte[] CopyHeader = [.. "PGCOPY\n"u8, 0xFF, .. "\r\n\0"u8, 0, 0, 0, 0, 0, 0, 0, 0];
    private static readonly byte[] CopyEnd = [0xFF, 0xFF];

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, Models)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task The_server_reads_what_was_written(int seed)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(RandomColumns.Metadata(new Random(seed), Tables));
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, default);
        var generator = new BatchGenerator(
            new BatchPlan
            {
                Model = model,
                Seed = seed,
                BatchNumber = 1,
                ReferenceTime = BatchPlan.FixedReferenceTime,
                KeyTime = 1_700_000_000_000,
                Rows = model.Tables.ToDictionary(table => table.Name, _ => (long)Rows),
            },
            chunk: 0);

        foreach (var table in model.Tables)
        {
            using var block = Write(generator.Table(table.Name));
            var columns = table.WrittenColumns.ToList();
            Compare(table, columns, block.Memory.ToArray(), await ThroughServerAsync(database, table, columns, block));
            foreach (var column in columns.Where(column => column is { Minimum: not null, Maximum: not null, Type.IsNumber: true }))
            {
                var name = Identifier.Quote(column.Name);
                Assert.Equal(0, await database.ScalarAsync<long>(string.Create(
                    CultureInfo.InvariantCulture,
                    $"SELECT count(*) FROM streaming.{table.Name} WHERE {name} NOT BETWEEN {column.Minimum} AND {column.Maximum}")));
            }
        }
    }

    private static RowBlock Write(TableGenerator table)
    {
        var block = new RowBlock();
        var writer = new RowWriter(block);
        for (long row = 0; row < Rows;)
        {
            row = table.Fill(writer, row, Rows);
            if (row < Rows)
            {
                block.Grow(2 * block.Buffer.Length);
                writer.Use(block);
            }
        }

        return block;
    }

    /// <summary>Copies the rows into the table, and out of it.</summary>
    private static async Task<byte[]> ThroughServerAsync(TestDatabase database, TableModel table, IReadOnlyList<ColumnModel> columns, RowBlock block)
    {
        var names = Identifier.QuoteList(columns.Select(column => column.Name));
        var target = Identifier.Quote("streaming", table.Name);
        await using var open = await database.Connection.OpenAsync(default);
        await using (var copy = await open.BeginRawBinaryCopyAsync($"COPY {target} ({names}) FROM STDIN (FORMAT BINARY)"))
        {
            await copy.WriteAsync(CopyHeader);
            await copy.WriteAsync(block.Memory);
            await copy.WriteAsync(CopyEnd);
        }

        using var read = new MemoryStream();
        await using (var copy = await open.BeginRawBinaryCopyAsync($"COPY {target} ({names}) TO STDOUT (FORMAT BINARY)"))
        {
            await copy.CopyToAsync(read);
        }

        return read.ToArray()[CopyHeader.Length..^CopyEnd.Length];
    }

    private static void Compare(TableModel table, List<ColumnModel> columns, byte[] written, byte[] read)
    {
        var (ours, theirs) = (ById(columns, written), ById(columns, read));
        Assert.Equal(Rows, ours.Count);
        Assert.Equal(ours.Keys.Order(StringComparer.Ordinal), theirs.Keys.Order(StringComparer.Ordinal));
        foreach (var (id, values) in ours)
        {
            foreach (var (column, own, their) in columns.Zip(values, theirs[id]))
            {
                Assert.True(own == their, $"{table.Name}.{column.Name} {column.Type.ToSql()}: {own} became {their}");
            }
        }
    }

    private static Dictionary<string, string?[]> ById(List<ColumnModel> columns, byte[] rows)
    {
        var found = new Dictionary<string, string?[]>(StringComparer.Ordinal);
        var reader = new RowReader(rows);
        while (reader.NextRow())
        {
            var values = new string?[columns.Count];
            for (var column = 0; column < values.Length; column++)
            {
                values[column] = Text(columns[column].Type, ref reader);
            }

            found.Add(values[0]!, values);
        }

        return found;
    }

    private static string? Text(ColumnType type, ref RowReader reader)
    {
        var field = reader.NextField(out var isNull);
        return isNull ? null : Text(type, FieldCodec.Read(type, field));
    }

    /// <summary>
    /// The value without what the server may change: the blanks that fill character(n) up, the layout of jsonb, zeros at the end of a
    /// number, and digits of a second that the column does not keep.
    /// </summary>
    private static string Text(ColumnType type, object value) => (type.Kind, value) switch
    {
        (ColumnKind.Array, object?[] items) => string.Join(',', items.Select(item => item is null ? "NULL" : Text(type.Element!, item))),
        (ColumnKind.Char, string text) => text.TrimEnd(' '),
        (ColumnKind.Jsonb, string text) => JsonNode.Parse(text)?.ToJsonString() ?? "null",
        (ColumnKind.Decimal, _) when ValueText.Of(value) is var number => number.Contains('.', StringComparison.Ordinal) ? number.TrimEnd('0').TrimEnd('.') : number,
        (ColumnKind.Time, TimeOnly time) => Seconds(type, time.Ticks),
        (ColumnKind.Timestamp or ColumnKind.TimestampTz, DateTime time) => Seconds(type, time.Ticks),
        _ => ValueText.Of(value),
    };

    private static string Seconds(ColumnType type, long ticks) => Math.Round(
        (decimal)ticks / TimeSpan.TicksPerSecond, type.Precision ?? 6, MidpointRounding.AwayFromZero).ToString("0.######", CultureInfo.InvariantCulture);
}
