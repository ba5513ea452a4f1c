using System.Security.Cryptography;
using StreamingPg.Core.Generation;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>The rows of the default tables are what they were in every release so far: a seed in somebody's script stays good.</summary>
public sealed class KnownBytesTests
{
    [Theory]
    [InlineData("users", "6AC51C7D6939DDB163FCD760BE7643A7F879DC3D")]
    [InlineData("transactions", "2D312B952F19C9ACA4CA214C99A31617156E15E4")]
    [InlineData("detailed_transactions", "61EC04BEF80C35E64D97153FF3B5EF5150C2AE15")]
    public void Rows_of_a_seed_stay_as_they_are(string table, string hash)
    {
        var plan = GeneratedRows.PlanOf(500, 1000, 3000, seed: 42);

        using var block = GeneratedRows.Bytes(new BatchGenerator(plan, 0), plan.Model.Table(table));

        Assert.StartsWith(hash, Convert.ToHexString(SHA256.HashData(block.Memory.Span)), StringComparison.Ordinal);
    }
}
