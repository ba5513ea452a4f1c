using System.Security.Cryptography;
using StreamingPg.Core.Generation;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The rows of the default tables are what they were since entities came (see the changelog): a seed in somebody's script stays good.</summary>
public sealed class KnownBytesTests
{
    [Theory]
    [InlineData("users", "C436974A908615C52EA9805B11BDEC1945FAA6D2")]
    [InlineData("transactions", "4E372CC7E774AC7397F233FFC0AB257AF5F48939")]
    [InlineData("detailed_transactions", "54C2318B15B778CCE16B2CBCB6FE9FA6862A030F")]
    public void Rows_of_a_seed_stay_as_they_are(string table, string hash)
    {
        var plan = GeneratedRows.PlanOf(500, 1000, 3000, seed: 42);

        using var block = GeneratedRows.Bytes(new BatchGenerator(plan, 0), plan.Model.Table(table));

        Assert.StartsWith(hash, Convert.ToHexString(SHA256.HashData(block.Memory.Span)), StringComparison.Ordinal);
    }
}
