using System.Security.Cryptography;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>examples/shop.json, with composite keys, shared parents, a tree and a cycle: its rows stay what they were, and cost no memory each.</summary>
public sealed class ShopRowsTests
{
    private const int ChunkSize = 5000;
    private const int Warm = 2;

    [Fact]
    public void Rows_of_a_seed_stay_as_they_are()
    {
        var plan = Plan(100);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var block = new RowBlock();
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            Fill(new BatchGenerator(plan, chunk), block, () => hash.AppendData(block.Memory.Span));
        }

        Assert.StartsWith("398E7C82C5E5037BAE828454BEC6E4711A8A4AC8", Convert.ToHexString(hash.GetCurrentHash()), StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_are_made_without_allocating()
    {
        var plan = Plan(400);
        using var block = new RowBlock();
        long rows = 0, bytes = 0;
        for (var chunk = 0; chunk < plan.Chunks; chunk++)
        {
            var generator = new BatchGenerator(plan, chunk);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Fill(generator, block, () => { });
            if (chunk >= Warm)
            {
                bytes += GC.GetAllocatedBytesForCurrentThread() - before;
                rows += generator.RowsPerTable.Values.Sum();
            }
        }

        // What is left is kept per parent and chunk, not per row: which parents agree.
        Assert.InRange((double)bytes / rows, 0, 40);
    }

    [Theory]
    [InlineData("addresses")]
    [InlineData("order_lines")]
    public void The_parent_of_a_row_is_the_same_in_any_order(string table)
    {
        var plan = Plan(100);
        var model = plan.Model.Table(table);
        var inOrder = new ChunkRows(plan).Dealt(model)!;
        var parents = Enumerable.Range(0, (int)inOrder.Children).Select(row => inOrder.ParentOf(row)).ToList();
        Assert.Equal(parents.Order(), parents);
        Assert.Equal(inOrder.Parents, parents.Distinct().Count());

        var shuffled = new ChunkRows(plan).Dealt(model)!;
        for (var index = 0; index < parents.Count; index++)
        {
            var row = (int)(index * 7919L % parents.Count);
            Assert.Equal(parents[row], shuffled.ParentOf(row));
            var children = shuffled.ChildrenOf(parents[row]);
            Assert.InRange(row, children.From, children.To - 1);
        }
    }

    private static void Fill(BatchGenerator generator, RowBlock block, Action take)
    {
        var writer = new RowWriter(block);
        foreach (var table in generator.RowsPerTable.Keys.Select(generator.Table))
        {
            var rows = generator.Rows(table.Table);
            for (var row = rows.From; row < rows.To; take())
            {
                block.Clear();
                writer.Use(block);
                row = table.Fill(writer, row, rows.To);
            }
        }
    }

    private static BatchPlan Plan(int times)
    {
        var model = MetadataReader.Load(Path.Combine(AppContext.BaseDirectory, "examples", "shop.json"));
        var asked = model.Tables.Where(table => table.RowsPerBatch is not null).ToDictionary(table => table.Name, table => table.RowsPerBatch!.Value * times);
        var rows = BatchRows.Of(model, asked, seed: 42);
        return GeneratedRows.PlanOf(0, 0, 0, seed: 42, model: model) with
        {
            Rows = rows,
            Chunks = (int)(rows.Values.Sum() / ChunkSize) | 1,
            SequenceValues = new Dictionary<string, SequenceValues> { ["tags"] = new(1, 1) },
        };
    }
}
