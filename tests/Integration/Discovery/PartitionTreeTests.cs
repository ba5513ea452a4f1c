using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Discovery;

/// <summary>Live tables whose partitions have partitions.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PartitionTreeTests(PostgresFixture postgres)
{
    /// <summary>A batch into such tables failed with 23514: no partition of relation found for row.</summary>
    [Fact]
    public async Task Partitions_of_partitions_of_live_tables_are_filled()
    {
        await using var database = await LiveTables.CreateAsync(
            postgres,
            """
            CREATE TABLE sale (id uuid, at timestamp, land text, PRIMARY KEY (id, at, land)) PARTITION BY RANGE (at);
            CREATE TABLE sale_a PARTITION OF sale FOR VALUES FROM ('2020-01-01') TO ('2020-02-01') PARTITION BY LIST (land);
            CREATE TABLE sale_a_de PARTITION OF sale_a FOR VALUES IN ('de', 'at');
            CREATE TABLE sale_b PARTITION OF sale FOR VALUES FROM ('2020-02-01') TO ('2020-03-01') PARTITION BY LIST (land);
            CREATE TABLE sale_b_de PARTITION OF sale_b FOR VALUES IN ('de', 'at');
            CREATE TABLE sale_c PARTITION OF sale FOR VALUES FROM ('2020-03-01') TO ('2020-04-01') PARTITION BY LIST (land);
            CREATE TABLE sale_c_fr PARTITION OF sale_c FOR VALUES IN ('fr');
            CREATE TABLE sale_d PARTITION OF sale FOR VALUES FROM ('2020-05-01') TO ('2020-06-01') PARTITION BY LIST (land);
            CREATE TABLE visit (id uuid, at timestamp, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
            CREATE TABLE visit_q1 PARTITION OF visit FOR VALUES FROM ('2020-01-01') TO ('2020-04-01') PARTITION BY RANGE (at);
            CREATE TABLE visit_jan PARTITION OF visit_q1 FOR VALUES FROM ('2020-01-01') TO ('2020-02-01');
            CREATE TABLE visit_feb PARTITION OF visit_q1 FOR VALUES FROM ('2020-02-01') TO ('2020-03-01');
            CREATE TABLE click (id uuid, kind text, PRIMARY KEY (id, kind)) PARTITION BY LIST (kind);
            CREATE TABLE click_rest PARTITION OF click DEFAULT PARTITION BY HASH (id);
            CREATE TABLE click_0 PARTITION OF click_rest FOR VALUES WITH (MODULUS 2, REMAINDER 0);
            CREATE TABLE click_1 PARTITION OF click_rest FOR VALUES WITH (MODULUS 2, REMAINDER 1);
            """);
        var metadata = await LiveTables.ReadAsync(database);
        var model = LiveTables.Model(metadata);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);

        await BatchRunner.RunAsync(
            database.Connection, model, new() { Rows = model.Tables.ToDictionary(table => table.Name, _ => 300L) }, progress: null, CancellationToken.None);

        Assert.Empty(metadata.Notes);
        Assert.Equal((300, 300, 300), (await database.CountAsync("sale"), await database.CountAsync("visit"), await database.CountAsync("click")));
        Assert.NotEqual(0, await database.CountAsync("sale_a_de"));
        Assert.NotEqual(0, await database.CountAsync("sale_b_de"));
        Assert.NotEqual(0, await database.CountAsync("visit_feb"));
    }
}
