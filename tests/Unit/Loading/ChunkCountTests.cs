using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Loading;

/// <summary>Into how many transactions a batch is split: it decides its rows, so nothing but the request may.</summary>
public sealed class ChunkCountTests
{
    [Theory]
    [InlineData(3, 30_000, null, 1)]
    [InlineData(3, 40_000, null, 3)] // 100,000 rows a chunk, an odd number of chunks
    [InlineData(200, 1_000, null, 1)] // 1,000 rows for each of 200 tables
    [InlineData(200, 2_000, null, 3)]
    [InlineData(200, 1_000, 100_000, 3)] // what is asked for is kept
    public void A_batch_of_many_tables_has_larger_chunks_unless_a_size_is_given(int tables, int rows, int? chunkSize, int expected)
    {
        var model = MetadataReader.Parse("{" + string.Join(",", Enumerable.Range(0, tables)
            .Select(number => $$"""{{(char)34}}t{{number}}": {"columns": {"id": {"type": "UUID", "primary_key": true} } }""")) + "}");
        var options = new BatchOptions { Rows = model.Tables.ToDictionary(table => table.Name, _ => (long)rows), ChunkSize = chunkSize };

        Assert.Equal(expected, new BatchRequest(model, options).Chunks);
    }
}
