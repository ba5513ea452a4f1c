namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>
/// Tests of this collection share one server and run one after the other: <c>[Collection(SharedPostgres.Name)]</c>. It is for tests that
/// call the engine.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SharedPostgres : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL";
}

/// <summary>
/// A second server, whose tests run beside those of <see cref="SharedPostgres"/>: for tests that wait more than they work, since they start
/// programs, or let a stream run.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SecondPostgres : ICollectionFixture<PostgresFixture>
{
    public const string Name = "PostgreSQL of programs and streams";
}
