using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>No parent gets an absurd share of the rows, however few of those that were there before are old enough to be referred to.</summary>
public sealed class ShareOfParentsTests
{
    private const int Runs = 200;

    [Fact]
    public void The_busiest_parent_gets_no_more_than_the_skew_allows_for_any_seed_and_sizes()
    {
        for (var seed = 0; seed < Runs; seed++)
        {
            var sizes = new Random(seed);
            var (old, users, transactions) = (sizes.Next(1, 40), sizes.Next(10, 200), sizes.Next(100, 2000));
            var before = GeneratedRows.Of(GeneratedRows.PlanOf(old, 0, 0, seed, batchNumber: 1));
            using var existing = new ExistingRows(MetadataReader.Default.Table("users"));
            foreach (var row in before.Table("users"))
            {
                existing.Add(row);
            }

            var generated = GeneratedRows.Of(GeneratedRows.PlanOf(
                users, transactions, 0, seed, batchNumber: 2, existing: new Dictionary<string, ExistingRows> { ["users"] = existing }));

            // The first of n parents is chosen by the square root of 1/n; the rest is chance.
            var busiest = generated.Column<Guid>("transactions", "user_id").GroupBy(user => user).Max(group => group.Count());
            var expected = transactions / Math.Sqrt(users);
            Assert.True(
                busiest <= expected + (6 * Math.Sqrt(expected)) + 4,
                $"Seed {seed}: one of {old} old and {users} new users has {busiest} of {transactions} transactions.");
        }
    }

    [Fact]
    public void Old_parents_get_the_share_asked_for_where_there_are_enough_of_them()
    {
        var before = GeneratedRows.Of(GeneratedRows.PlanOf(300, 0, 0, batchNumber: 1));
        using var existing = new ExistingRows(MetadataReader.Default.Table("users"));
        foreach (var row in before.Table("users"))
        {
            existing.Add(row);
        }

        var generated = GeneratedRows.Of(GeneratedRows.PlanOf(
            100, 2000, 0, batchNumber: 2, existing: new Dictionary<string, ExistingRows> { ["users"] = existing }));

        var old = before.Column<Guid>("users", "user_id").ToHashSet();
        Assert.InRange(generated.Column<Guid>("transactions", "user_id").Average(user => old.Contains(user) ? 1.0 : 0), 0.44, 0.56);
    }
}
