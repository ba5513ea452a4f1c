using System.Security.Cryptography;
using StreamingPg.Core.Generation;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The rows of the default tables are what they were since entities came (see the changelog): a seed in somebody's script stays good.</summary>
public sealed class KnownBytesTests
{
    [Theory]
    [InlineData("users", "8136BE1062F70E6A3224D53D94F2468066329C35")]
    [InlineData("transactions", "0C2E1048E2A48CB3BE52DBC0A1A8C5C0CA91D022")]
    [InlineData("detailed_transactions", "24CECF85061D847928B003E7B5EC0F5F562DC578")]
    public void Rows_of_a_seed_stay_as_they_are(string table, string hash)
    {
        var plan = GeneratedRows.PlanOf(500, 1000, 3000, seed: 42);

        using var block = GeneratedRows.Bytes(new BatchGenerator(plan, 0), plan.Model.Table(table));

        Assert.StartsWith(hash, Convert.ToHexString(SHA256.HashData(block.Memory.Span)), StringComparison.Ordinal);
    }
}
