using System.Security.Cryptography;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Export;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Export;

/// <summary>The bytes of the text formats stay as they are, whatever makes them faster.</summary>
public sealed class RowFormatterTests
{
    private const int Seed = 7;
    private const int Rows = 1000;

    // The first half of the hash of what was written before anything was made faster.
    [Theory]
    [InlineData("Csv", "3981db5c775439258e42c168c1c4ad39")]
    [InlineData("Copy", "4823911072e87beb46e08dc35c984e57")]
    [InlineData("Sql", "cb79b33aba382b1fe81e529d858bfa36")]
    [InlineData("Jsonl", "3e9401b2940f109a73fbbff46946a30f")]
    public void Every_format_writes_the_same_bytes_of_every_type(string format, string hash)
    {
        var columns = new Dictionary<string, object> { ["id"] = new { type = "SERIAL", primary_key = true, auto_increment = true } };
        foreach (var (index, type) in FieldTextTests.TypeNames.Index())
        {
            columns.Add(index % 5 == 0 ? $"a \"b\", {index}" : $"c{index}", new { type });
        }

        var table = MetadataReader.Parse(JsonSerializer.Serialize(new { t = new { columns } })).Tables[0];
        using var block = new RowBlock();
        var writer = new RowWriter(block);
        var random = new Random(Seed);
        for (var row = 0; row < Rows; row++)
        {
            writer.BeginRow(table.Columns.Count);
            foreach (var column in table.Columns)
            {
                FieldCodec.Write(writer, column.Type, column.IsPrimaryKey ? row : random.Next(7) == 0 ? null : FieldTextTests.Value(column.Type, random));
            }

            writer.EndRow();
        }

        using var text = new TextBuffer();
        var formatter = RowFormatter.Of(table, Enum.Parse<ExportFormat>(format));
        formatter.Begin(text);
        formatter.Append(text, block, skip: 10, take: 20);
        formatter.Append(text, block, skip: 0, take: Rows);

        Assert.Equal(hash, Convert.ToHexStringLower(SHA256.HashData(text.Memory.Span))[..hash.Length]);
    }
}
