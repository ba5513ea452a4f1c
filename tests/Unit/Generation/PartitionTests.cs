using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Tests.Unit.Generation;

public sealed class PartitionTests
{
    public static TheoryData<long, long> Sizes => new()
    {
        { 1, 0 }, { 1, 1 }, { 1, 500 }, { 2, 1 }, { 2, 3 }, { 3, 2 }, { 7, 7 }, { 10, 11 }, { 30, 100 }, { 100, 30 }, { 1000, 3333 }, { 1000, 1001 }, { 999, 1 },
        { 50, 5000 },
    };

    [Theory]
    [MemberData(nameof(Sizes))]
    public void Every_child_has_one_parent_and_every_parent_a_child_where_there_are_enough(long parents, long children)
    {
        for (var seed = 0; seed < 60; seed++)
        {
            var partition = new Partition(CountedRandom.FromSeed(seed), parents, children);
            long next = 0;
            for (long parent = 0; parent < parents; parent++)
            {
                var own = partition.ChildrenOf(parent);
                Assert.Equal(next, own.From);
                Assert.True(own.Count >= (children >= parents ? 1 : 0), $"Parent {parent} of seed {seed} has {own.Count} children.");
                Assert.True(own.Count <= Math.Max(1, (2 * Math.Ceiling((double)children / parents)) + 1));
                for (var child = own.From; child < own.To; child++)
                {
                    Assert.Equal(parent, partition.ParentOf(child));
                }

                next = own.To;
            }

            Assert.Equal(children, next);
        }
    }

    [Fact]
    public void Parent_of_a_child_does_not_depend_on_what_was_asked_before()
    {
        var random = new Random(1);
        for (var seed = 0; seed < 60; seed++)
        {
            var inOrder = new Partition(CountedRandom.FromSeed(seed), 300, 1000);
            var expected = Enumerable.Range(0, 1000).Select(child => inOrder.ParentOf(child)).ToArray();
            var jumping = new Partition(CountedRandom.FromSeed(seed), 300, 1000);
            for (var round = 0; round < 2000; round++)
            {
                var child = random.Next(1000);
                Assert.Equal(expected[child], jumping.ParentOf(child));
            }
        }
    }

    [Fact]
    public void How_many_children_a_parent_gets_varies()
    {
        var partition = new Partition(CountedRandom.FromSeed(1), 1000, 3333);

        Assert.True(Enumerable.Range(0, 1000).Select(parent => partition.ChildrenOf(parent).Count).Distinct().Count() >= 4);
    }

    [Fact]
    public void Holds_for_as_many_rows_as_a_batch_can_have()
    {
        const long Parents = 1L << 31, Children = 1L << 32;
        var partition = new Partition(CountedRandom.FromSeed(1), Parents, Children);
        foreach (var parent in new[] { 0, 1, Parents / 3, Parents / 2, Parents - 2, Parents - 1 })
        {
            var own = partition.ChildrenOf(parent);
            Assert.True(own.Count >= 1);
            Assert.Equal(parent, partition.ParentOf(own.From));
            Assert.Equal(parent, partition.ParentOf(own.To - 1));
        }

        Assert.Equal(Children, partition.ChildrenOf(Parents - 1).To);
    }
}
