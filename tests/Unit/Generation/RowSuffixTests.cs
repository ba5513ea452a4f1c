using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>What makes e-mail addresses and user names unique beside the names, which may be equal.</summary>
public sealed class RowSuffixTests
{
    private const int Variants = 256;

    [Fact]
    public void Ten_million_rows_of_a_batch_have_ten_million_suffixes_of_five_digits_at_most()
    {
        const int Rows = 10_000_000;
        var suffix = new RowSuffix(batchNumber: 1, seed: 1, variantBits: 8);
        var seen = new System.Collections.BitArray(Variants * 100_000);

        var repeated = 0;
        for (var row = 0; row < Rows; row++)
        {
            var (variant, number) = suffix.Of(row);
            var place = checked((int)((number * Variants) + variant));
            repeated += seen[place] ? 1 : 0;
            seen[place] = true;
        }

        Assert.Equal(0, repeated);
        Assert.InRange(suffix.MaximumDigits(Rows), 1, 5);
    }

    [Fact]
    public void No_two_rows_of_any_batches_share_one()
    {
        var seen = new HashSet<(int, long)>();
        var made = 0;
        foreach (var (batch, rows) in Enumerable.Range(1, 2000).Select(batch => (batch, 10)).Concat([(2001, 100_000), (50_000, 3000), (1_000_000, 100), (int.MaxValue, 100)]))
        {
            var suffix = new RowSuffix(batch, seed: batch, variantBits: 8);
            for (var row = 0; row < rows; row++, made++)
            {
                var own = suffix.Of(row);
                Assert.True(seen.Add(own), $"{batch}, {row}: {own}");
                Assert.True(own.Number.ToString(System.Globalization.CultureInfo.InvariantCulture).Length <= suffix.MaximumDigits(rows));
            }
        }

        Assert.Equal(seen.Count, made);
    }

    [Fact]
    public void Rows_without_a_batch_differ_from_each_other_and_from_those_of_another_seed()
    {
        var seen = new HashSet<(int, long)>();
        for (var seed = 0; seed < 100; seed++)
        {
            var suffix = new RowSuffix(batchNumber: 0, seed, variantBits: 8);
            Assert.True(suffix.HasDot);
            Assert.All(Enumerable.Range(0, 200), row => Assert.True(seen.Add(suffix.Of(row)), $"{seed}, {row}"));
        }
    }

    [Fact]
    public void Small_batches_have_few_digits()
    {
        Assert.Equal(0, new RowSuffix(1, 1, 8).Of(9).Number);
        Assert.InRange(new RowSuffix(100, 1, 8).MaximumDigits(10), 1, 3);
        Assert.InRange(new RowSuffix(1000, 1, 8).MaximumDigits(10), 1, 4);
        Assert.InRange(new RowSuffix(1_000_000, 1, 8).MaximumDigits(10), 1, 8);
    }

    [Fact]
    public void Names_in_addresses_have_letters_only_so_that_numbers_can_be_told_from_them() => Assert.All(
        ValuePools.Locales.Select(ValuePools.For),
        pools => Assert.All(pools.FirstNameSlugs.Values.Concat(pools.LastNameSlugs.Values), slug => Assert.Matches("^[a-z]+$", slug)));
}
