using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Relations;

namespace StreamingPg.Tests.Integration.Types;

/// <summary>Sequences near their end: a batch that gets too few takes none, and says how many there are.</summary>
[Collection(SharedPostgres.Name)]
public sealed class SequenceEndTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("SMALLSERIAL", 32767)]
    [InlineData("BIGSERIAL", long.MaxValue)]
    public async Task A_sequence_of_any_width_is_used_to_its_end_and_then_says_so(string type, long last)
    {
        await using var database = await RelationDatabase.CreateAsync(
            postgres, $$"""{"t": {"columns": {"id": {"type": "{{type}}", "primary_key": true}, "note": {"type": "TEXT"} } } }""");
        await database.Database.ExecuteAsync($"SELECT setval('streaming.t_id_seq', {last - 5})");

        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 3));
        var error = await Assert.ThrowsAsync<StreamingException>(() => database.LoadAsync(ForeignKeyCheck.Auto, ("t", 3)));
        await database.LoadAsync(ForeignKeyCheck.Auto, ("t", 2));

        Assert.Equal("SequenceExhausted", error.ErrorId);
        Assert.Contains("has only 2 values left, but 3 were requested", error.Message, StringComparison.Ordinal);
        Assert.Equal(last, await database.Database.ScalarAsync<long>("SELECT max(id)::bigint FROM streaming.t"));
    }
}
