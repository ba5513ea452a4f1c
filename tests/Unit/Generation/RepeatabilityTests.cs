using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>One plan gives the same bytes, however they are made; another seed or batch gives others.</summary>
public sealed class RepeatabilityTests
{
    [Fact]
    public void Same_plan_gives_the_same_bytes_and_another_seed_or_batch_others()
    {
        for (var seed = 0; seed < 50; seed++)
        {
            var plan = GeneratedRows.PlanOf(10, 30, 100, seed);

            Assert.Equal(AllBytes(plan), AllBytes(plan with { }));
            Assert.NotEqual(AllBytes(plan), AllBytes(plan with { Seed = seed + 1 }));
            Assert.NotEqual(AllBytes(plan), AllBytes(plan with { BatchNumber = 2 }));
        }
    }

    [Fact]
    public void Rows_come_out_the_same_in_any_order_and_on_any_thread()
    {
        var plan = GeneratedRows.PlanOf(40, 120, 400);
        foreach (var table in plan.Model.Tables)
        {
            var rows = (int)plan.RowsOf(table.Name);
            var inOrder = Enumerable.Range(0, rows).Select(row => RowBytes(new BatchGenerator(plan, 0), table, row)).ToArray();
            var backwards = new BatchGenerator(plan, 0);
            for (var row = rows - 1; row >= 0; row--)
            {
                Assert.Equal(inOrder[row], RowBytes(backwards, table, row));
            }

            Parallel.For(0, 8, worker =>
            {
                var generator = new BatchGenerator(plan, 0);
                for (var row = worker; row < rows; row += 8)
                {
                    Assert.Equal(inOrder[row], RowBytes(generator, table, row));
                }
            });
        }
    }

    [Fact]
    public void Keys_of_seeds_batches_and_tables_are_disjoint()
    {
        var keys = new HashSet<Guid>();
        var made = 0;
        foreach (var (seed, batch) in from seed in Enumerable.Range(0, 25) from batch in Enumerable.Range(1, 8) select (seed, batch))
        {
            var generated = GeneratedRows.Of(GeneratedRows.PlanOf(20, 20, 0, seed, batch));
            keys.UnionWith(generated.Column<Guid>("users", "user_id"));
            keys.UnionWith(generated.Column<Guid>("transactions", "transaction_id"));
            made += 40;
        }

        Assert.Equal(made, keys.Count);
    }

    [Fact]
    public void A_later_batch_has_higher_keys()
    {
        var highest = Guid.Empty.ToString();
        for (var batch = 1; batch <= 100; batch++)
        {
            var keys = GeneratedRows.Of(GeneratedRows.PlanOf(5, 0, 0, batchNumber: batch)).Column<Guid>("users", "user_id")
                .Select(key => key.ToString()).ToArray();
            Assert.True(string.CompareOrdinal(highest, keys[0]) < 0);
            highest = keys[^1];
        }
    }

    [Theory]
    [InlineData("users")]
    [InlineData("transactions")]
    [InlineData("detailed_transactions")]
    public void A_hundred_thousand_rows_take_no_memory_of_their_own(string name)
    {
        const int Rows = 100_000;
        var plan = GeneratedRows.PlanOf(Rows, Rows, Rows);
        var generator = new BatchGenerator(plan, 0).Table(name);
        using var block = new RowBlock();
        var writer = new RowWriter(block);
        Fill(generator, writer, block, Rows);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Fill(generator, writer, block, Rows);

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1024);
    }

    private static void Fill(TableGenerator generator, RowWriter writer, RowBlock block, int rows)
    {
        for (long row = 0; row < rows;)
        {
            block.Clear();
            writer.Use(block);
            row = generator.Fill(writer, row, rows);
        }
    }

    private static byte[] RowBytes(BatchGenerator generator, TableModel table, long row)
    {
        using var block = new RowBlock(4096);
        generator.Table(table.Name).Fill(new RowWriter(block), row, row + 1);
        return block.Memory.ToArray();
    }

    private static byte[] AllBytes(BatchPlan plan)
    {
        var generator = new BatchGenerator(plan, 0);
        var bytes = new List<byte>();
        foreach (var table in plan.Model.Tables)
        {
            using var block = GeneratedRows.Bytes(generator, table);
            bytes.AddRange(block.Memory.Span);
        }

        return [.. bytes];
    }
}
