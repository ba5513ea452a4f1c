using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Unit.Model;

namespace StreamingPg.Tests.Integration.Schema;

[Collection(SharedPostgres.Name)]
public sealed class RandomModelTests(PostgresFixture postgres)
{
    /// <summary>What we create must look to us, read back from the catalog, exactly like what we wanted to create.</summary>
    [Fact]
    public async Task Any_model_is_created_and_then_found_to_fit()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        for (var seed = 0; seed < 20; seed++)
        {
            var model = MetadataReader.Parse(RandomMetadata.Create(seed).ToJsonString());
            await using var connection = database.Connection.WithSchema($"random {seed}");

            var first = await SchemaInitializer.InitializeAsync(connection, model, planOnly: false, CancellationToken.None);
            var second = await SchemaInitializer.InitializeAsync(connection, model, planOnly: false, CancellationToken.None);

            Assert.All(first, change => Assert.Equal(SchemaAction.Created, change.Action));
            Assert.All(second, change => Assert.Equal((SchemaAction.Unchanged, ""), (change.Action, change.Detail)));
            Assert.Equal(first.Select(change => change.Name).Order(), second.Select(change => change.Name).Order());
        }
    }
}
