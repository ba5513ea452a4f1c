using System.Globalization;
using System.Text.Json;
using Npgsql;
using Npgsql.Replication;
using Npgsql.Replication.PgOutput;
using Npgsql.Replication.PgOutput.Messages;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Health;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Server;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Replication;

/// <summary>Subscribers, and readers of pgoutput such as Debezium, get what the tables get.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PublicationTests(PostgresFixture postgres)
{
    // More in a long run: STREAMINGPG_CDC_BATCHES=200.
    private static readonly int Batches = int.Parse(Environment.GetEnvironmentVariable("STREAMINGPG_CDC_BATCHES") ?? "25", CultureInfo.InvariantCulture);

    [Fact]
    public async Task A_publication_is_made_completed_and_tested()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "users": { "columns": { "id": { "type": "SERIAL", "primary_key": true } } },
              "notes": { "keyless": true, "columns": { "user_id": { "type": "INTEGER", "foreign_key": { "table": "users", "column": "id" } }, "text": { "type": "TEXT" } } } }
            """);

        var plan = await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: true, CancellationToken.None);
        Assert.Contains("CREATE PUBLICATION \"Every change\" FOR TABLE \"streaming\".\"users\", \"streaming\".\"notes\", \"streaming\".\"batch_ledger\"", plan[^1].Sql, StringComparison.Ordinal);
        await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: false, CancellationToken.None);

        Assert.Equal("f", await database.ScalarAsync<string>("SELECT relreplident::text FROM pg_class WHERE oid = 'streaming.notes'::regclass"));
        Assert.All(await TestAsync(database, model), test => Assert.True(test.IsOk, test.Detail));
        Assert.All(
            await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: true, CancellationToken.None),
            change => Assert.Equal(SchemaAction.Unchanged, change.Action));

        await database.ExecuteAsync(
            """
            ALTER PUBLICATION "Every change" DROP TABLE streaming.users; ALTER PUBLICATION "Every change" SET (publish = 'insert', publish_via_partition_root = false);
            ALTER TABLE streaming.notes REPLICA IDENTITY DEFAULT
            """);
        Assert.Equal(["Every change", "users", "notes"], (await TestAsync(database, model)).Where(test => !test.IsOk).Select(test => test.Object));
        await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: false, CancellationToken.None);
        Assert.All(await TestAsync(database, model), test => Assert.True(test.IsOk, test.Detail));
        await database.ExecuteAsync("INSERT INTO streaming.notes (text) VALUES ('x'); DELETE FROM streaming.notes");

        var missing = Assert.Single(await PublicationChecker.CheckAsync(database.Connection, model, "another", CancellationToken.None), test => test.Check == "Publication");
        Assert.Contains("-Publication another", missing.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Partitions_that_are_published_by_their_names_and_rows_and_columns_that_are_left_out_are_told()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse("""{ "users": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "name": { "type": "TEXT" } } } }""");
        await database.ExecuteAsync(
            """
            CREATE SCHEMA streaming; CREATE TABLE streaming.users (id int PRIMARY KEY, name text) PARTITION BY RANGE (id);
            CREATE TABLE streaming.users_1 PARTITION OF streaming.users FOR VALUES FROM (0) TO (1000); CREATE PUBLICATION "Every change" FOR TABLE streaming.users
            """);
        var partitions = (await TestAsync(database, model)).Where(test => !test.IsOk).ToList();
        Assert.Equal(["Every change", "batch_ledger"], partitions.Select(test => test.Object));
        Assert.Contains("under the partitions' names", partitions[0].Detail, StringComparison.Ordinal);
        Assert.Contains("streamingpg init --publication", partitions[0].Detail, StringComparison.Ordinal);

        await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: false, CancellationToken.None);
        Assert.All(await TestAsync(database, model), test => Assert.True(test.IsOk, test.Detail));

        if (await database.MajorVersionAsync() >= 15)
        {
            await database.ExecuteAsync("""ALTER PUBLICATION "Every change" SET TABLE streaming.users (id) WHERE (id > 5), streaming.batch_ledger""");
            var users = Assert.Single(await TestAsync(database, model), test => !test.IsOk);
            Assert.Equal("users", users.Object);
            Assert.Contains("Only its rows where (id > 5) are published. It is published without \"name\".", users.Detail, StringComparison.Ordinal);
            await database.ExecuteAsync("""ALTER PUBLICATION "Every change" DROP TABLE "streaming"."users" """);
            await SchemaInitializer.InitializeAsync(database.Connection, model, "Every change", planOnly: false, CancellationToken.None);
            Assert.All(await TestAsync(database, model), test => Assert.True(test.IsOk, test.Detail));
        }
    }

    [Fact]
    public async Task A_subscriber_and_a_reader_of_pgoutput_get_exactly_what_the_ledger_counts_batch_by_batch()
    {
        var folder = Path.Combine(Path.GetTempPath(), $"streamingpg-test-{Guid.NewGuid():N}");
        var server = new PrivateServer(folder, new PrivateServerOptions { WalLevel = WalLevel.Logical, Settings = new Dictionary<string, string> { ["fsync"] = "off" } });
        try
        {
            await server.StartAsync(CancellationToken.None);
            var settings = server.GetConnectionSettings()!;
            await using var published = new DatabaseConnection(settings, "streaming", ConnectionSource.PrivateServer);
            await SchemaInitializer.InitializeAsync(published, MetadataReader.Default, "changes", planOnly: false, CancellationToken.None);
            await ExecuteAsync(published, "CREATE DATABASE subscriber");
            await using var subscriber = new DatabaseConnection(
                new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Database = "subscriber" }, "streaming", ConnectionSource.PrivateServer);
            await SchemaInitializer.InitializeAsync(subscriber, MetadataReader.Default, planOnly: false, CancellationToken.None);

            // In one server a subscription cannot make its slot itself: each would wait for the other.
            await ExecuteAsync(published, "SELECT pg_create_logical_replication_slot('sub', 'pgoutput')");
            await ExecuteAsync(
                subscriber,
                $"CREATE SUBSCRIPTION sub CONNECTION 'host=127.0.0.1 port={server.GetStatus().Port} dbname={settings.Database} user={settings.Username} password={settings.Password}' PUBLICATION changes WITH (create_slot = false, slot_name = 'sub')");
            await using var reader = new FeedReader(settings);
            await reader.StartAsync();

            await LoadAsync(published);
            await reader.ReadToEndAsync(published);

            // Those of the stream come one after the other; a chunk of the large batch may come anywhere between.
            const string Ledger = "SELECT batch_id || ' ' || part FROM streaming.batch_ledger WHERE kind = 'batch' AND parts = 1 ORDER BY batch_number";
            var stream = await QueryAsync(published, Ledger);
            Assert.Equal(Batches, stream.Count);
            Assert.Equal(stream, reader.Batches.Where(stream.Contains));
            Assert.Equal(
                (await QueryAsync(published, Ledger.Replace("AND parts = 1", "", StringComparison.Ordinal))).Order(StringComparer.Ordinal), reader.Batches.Order(StringComparer.Ordinal));
            Assert.Empty(reader.Differences);
            Assert.True(reader.Removed > 0, "Retention removed nothing.");
            await SameAsync(published, subscriber);
            await foreach (var result in IntegrityChecker.CheckAsync(subscriber, MetadataReader.Default, CancellationToken.None))
            {
                Assert.True(result.Status < IntegrityStatus.Broken || result.Check.StartsWith("Sequence", StringComparison.OrdinalIgnoreCase), result.Check);
            }

            var tests = await PublicationChecker.CheckAsync(published, MetadataReader.Default, "changes", CancellationToken.None);
            Assert.All(tests.Where(test => test.Object != FeedReader.Slot), test => Assert.True(test.IsOk, $"{test.Object}: {test.Detail}"));
            Assert.Equal(1, tests.Count(test => test.Check == "WalLevel"));
        }
        finally
        {
            await server.DestroyAsync(CancellationToken.None);
        }
    }

    private static Task<IReadOnlyList<PublicationTest>> TestAsync(TestDatabase database, Core.Model.StreamModel model) => KeepAsync(
        PublicationChecker.CheckAsync(database.Connection, model, "Every change", CancellationToken.None));

    /// <summary>Without what the server of the test run may be set to.</summary>
    private static async Task<IReadOnlyList<PublicationTest>> KeepAsync(Task<IReadOnlyList<PublicationTest>> tests) =>
        [.. (await tests).Where(test => test.Check is not ("WalLevel" or "Slot" or "FreeSlots"))];

    /// <summary>A stream with retention, and a large batch beside it.</summary>
    private static async Task LoadAsync(DatabaseConnection connection)
    {
        var large = Task.Run(() => BatchRunner.RunAsync(
            connection, MetadataReader.Default, LoadedShop.Options(200, 600, 2200) with { ChunkSize = 1500 }, progress: null, CancellationToken.None));
        var options = new StreamOptions
        {
            Batch = LoadedShop.Options(5, 10, 30),
            Interval = TimeSpan.FromMilliseconds(60),
            MaxBatches = Batches,
            Retention = TimeSpan.FromSeconds(0.6),
            Force = true,
        };
        await foreach (var _ in new StreamRunner(connection, MetadataReader.Default, options, events: null, progress: null).RunAsync(CancellationToken.None))
        {
        }

        await large;
    }

    private static async Task SameAsync(DatabaseConnection published, DatabaseConnection subscriber)
    {
        const string Hash =
            """
            SELECT md5((SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM streaming.users t)) || md5((SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM streaming.transactions t))
                || md5((SELECT coalesce(string_agg(t::text, ';' ORDER BY t::text), '') FROM streaming.detailed_transactions t)) || md5((SELECT string_agg(t::text, ';' ORDER BY t::text) FROM streaming.batch_ledger t))
            """;
        var expected = Assert.Single(await QueryAsync(published, Hash));
        string? found = null;
        for (var tries = 0; tries < 1200 && found != expected; tries++)
        {
            await Task.Delay(100);
            found = Assert.Single(await QueryAsync(subscriber, Hash));
        }

        Assert.Equal(expected, found);
    }

    private static async Task ExecuteAsync(DatabaseConnection connection, string sql)
    {
        await using var command = connection.DataSource.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    internal static async Task<List<string>> QueryAsync(DatabaseConnection connection, string sql)
    {
        await using var command = connection.DataSource.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<string>();
        while (await reader.ReadAsync())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    }
}

/// <summary>Reads a publication as Debezium does, and compares each transaction with the ledger row that is in it.</summary>
internal sealed class FeedReader(NpgsqlConnectionStringBuilder settings) : IAsyncDisposable
{
    public const string Slot = "reader";

    private readonly LogicalReplicationConnection _connection = new(new NpgsqlConnectionStringBuilder(settings.ConnectionString) { Host = "127.0.0.1" }.ConnectionString);
    private readonly Dictionary<string, Dictionary<string, long>> _removals = [];
    private PgOutputReplicationSlot? _slot;

    /// <summary>Batches and their chunks in commit order.</summary>
    public List<string> Batches { get; } = [];

    /// <summary>Where a transaction has other rows than its ledger row counts.</summary>
    public List<string> Differences { get; } = [];

    /// <summary>Rows that were deleted.</summary>
    public long Removed { get; private set; }

    public async Task StartAsync()
    {
        await _connection.Open();
        _slot = await _connection.CreatePgOutputReplicationSlot(Slot);
    }

    /// <summary>Reads up to what is in the WAL now.</summary>
    public async Task ReadToEndAsync(DatabaseConnection published)
    {
        await PublicationTests.QueryAsync(published, "SELECT pg_logical_emit_message(false, 'end', '')::text");
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        var transaction = new Transaction();
        await foreach (var message in _connection.StartReplication(_slot!, new PgOutputReplicationOptions("changes", PgOutputProtocolVersion.V1, messages: true), limit.Token))
        {
            switch (message)
            {
                case BeginMessage:
                    transaction = new Transaction();
                    break;
                case InsertMessage insert:
                    await transaction.AddAsync(insert.Relation, insert.NewRow, 1);
                    break;
                case UpdateMessage update:
                    await transaction.AddAsync(update.Relation, update.NewRow, 0);
                    break;
                case KeyDeleteMessage delete:
                    await transaction.AddAsync(delete.Relation, delete.Key, -1);
                    break;
                case CommitMessage:
                    Judge(transaction);
                    break;
            }

            _connection.SetReplicationStatus(message.WalEnd);
            if (message is LogicalDecodingMessage)
            {
                break;
            }
        }
    }

    private void Judge(Transaction transaction)
    {
        if (transaction.Ledger is not { } row)
        {
            if (transaction.Rows.Count > 0)
            {
                Differences.Add($"a transaction without a ledger row: {Text(transaction.Rows)}");
            }

            return;
        }

        var counted = JsonSerializer.Deserialize<Dictionary<string, long>>(row["rows"])!;
        if (row["kind"] == "removal")
        {
            var before = _removals.GetValueOrDefault(row["batch_id"], []);
            _removals[row["batch_id"]] = counted;
            counted = counted.ToDictionary(table => table.Key, table => -(table.Value - before.GetValueOrDefault(table.Key)));
            Removed -= counted.Values.Sum();
        }
        else if (row["kind"] == "batch")
        {
            Batches.Add($"{row["batch_id"]} {row["part"]}");
        }

        var expected = Text(counted.Where(table => table.Value != 0));
        if (expected != Text(transaction.Rows))
        {
            Differences.Add($"{row["kind"]} {row["batch_id"]}: the ledger counts {expected}, the feed has {Text(transaction.Rows)}");
        }
    }

    private static string Text(IEnumerable<KeyValuePair<string, long>> rows) => string.Join(", ", rows.OrderBy(table => table.Key, StringComparer.Ordinal).Select(table => $"{table.Key} {table.Value}"));

    public ValueTask DisposeAsync() => _connection.DisposeAsync();

    private sealed class Transaction
    {
        public Dictionary<string, long> Rows { get; } = [];

        public Dictionary<string, string>? Ledger { get; private set; }

        public async Task AddAsync(RelationMessage relation, ReplicationTuple tuple, int rows)
        {
            var values = new Dictionary<string, string>();
            var place = 0;
            await foreach (var value in tuple)
            {
                var name = relation.Columns[place++].ColumnName;
                var isOfLedger = relation.RelationName == "batch_ledger" && name is "batch_id" or "part" or "kind" or "rows";
                values[name] = isOfLedger && !value.IsDBNull && !value.IsUnchangedToastedValue ? await value.Get<string>() : "";
            }

            if (relation.RelationName == "batch_ledger")
            {
                Ledger = rows < 0 ? Ledger : values;
            }
            else if (rows != 0)
            {
                Rows[relation.RelationName] = Rows.GetValueOrDefault(relation.RelationName) + rows;
            }
        }
    }
}
