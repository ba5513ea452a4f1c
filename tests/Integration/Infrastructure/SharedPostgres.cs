namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>Tests of this collection share the one server of the test run: <c>[Collection(SharedPostgres.Name)]</c>.</summary>
[CollectionDefinition(Name)]
public sealed class SharedPostgres : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}
