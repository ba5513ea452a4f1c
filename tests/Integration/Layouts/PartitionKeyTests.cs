using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Sql;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Layouts;

/// <summary>Keys that the server cannot enforce on partitioned tables, and the rights and owners that partitions need.</summary>
[Collection(SharedPostgres.Name)]
public sealed class PartitionKeyTests(PostgresFixture postgres)
{
    private static readonly DateTime Now = new(2026, 6, 15, 12, 0, 0, DateTimeKind.Utc);
    private static readonly CancellationToken None = CancellationToken.None;

    [Fact]
    public async Task Unique_keys_without_the_partition_column_are_kept_and_checked()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            {
              "visit": {
                "partition": "month",
                "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" }, "code": { "type": "VARCHAR(40)", "unique": true } }
              },
              "pass": {
                "partition": "month",
                "columns": {
                  "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" },
                  "visit_id": { "type": "UUID", "foreign_key": "visit.id", "unique": true }
                }
              }
            }
            """);
        var created = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, None);
        await BatchRunner.RunAsync(database.Connection, model, new() { Rows = Rows(("visit", 30)), ReferenceTime = Now, EventSpan = TimeSpan.FromDays(20) }, null, None);

        Assert.Contains("the server does not keep (code) unique", created.Single(change => change is { Kind: "table", Name: "visit" }).Detail, StringComparison.Ordinal);
        await ImportAsync(database.Connection, model, "visit", [Guid.NewGuid(), new DateTime(2026, 6, 1), "same"]);
        var twice = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(database.Connection, model, "visit", [Guid.NewGuid(), new DateTime(2026, 6, 2), "same"]));
        Assert.Equal(ErrorIds.UniqueViolation, twice.ErrorId);
        Assert.Contains("(code) = (same)", twice.Message, StringComparison.Ordinal);

        // References that are unique: a batch waits for whoever chooses parents now.
        var settings = database.Settings();
        await using var other = new NpgsqlConnection(settings.ConnectionString);
        await other.OpenAsync();
        await using (var transaction = await other.BeginTransactionAsync())
        {
            await using var take = new NpgsqlCommand($"SELECT pg_advisory_xact_lock({AdvisoryLock.UniqueValues}, 'streaming.pass'::regclass::oid::int)", other);
            await take.ExecuteNonQueryAsync();
            var batch = BatchRunner.RunAsync(database.Connection, model, new() { Rows = Rows(("pass", 10)), ReferenceTime = Now, EventSpan = TimeSpan.FromDays(2) }, null, None);
            var waits = false;
            for (var attempt = 0; attempt < 6000 && !waits && !batch.IsCompleted; attempt++)
            {
                waits = await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))");
                await Task.Delay(20);
            }

            Assert.True(waits);
            await transaction.RollbackAsync();
            await batch;
        }

        Assert.Empty(await BrokenAsync(database, model));
        await database.ExecuteAsync("INSERT INTO streaming.visit SELECT gen_random_uuid(), '2026-06-03', 'same'");
        await database.ExecuteAsync("INSERT INTO streaming.pass SELECT gen_random_uuid(), '2026-06-03', visit_id FROM streaming.pass LIMIT 1");
        Assert.Equal(["pass", "visit"], (await BrokenAsync(database, model)).Select(finding => finding.Table).Order());
    }

    [Theory]
    [InlineData(20)] // one round trip
    [InlineData(1_100)] // COPY
    public async Task References_that_close_a_cycle_are_verified(long rows)
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            {
              "owner": { "columns": { "id": { "type": "UUID", "primary_key": true }, "last_visit_id": { "type": "UUID", "nullable": true, "foreign_key": "visit.id" } } },
              "visit": {
                "partition": "month",
                "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" }, "owner_id": { "type": "UUID", "foreign_key": "owner.id" } }
              }
            }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, None);
        var batch = new BatchOptions { Rows = Rows(("owner", rows), ("visit", rows)), ReferenceTime = Now, EventSpan = TimeSpan.FromDays(2) };
        await BatchRunner.RunAsync(database.Connection, model, batch, null, None);
        Assert.NotEqual(0, await database.ScalarAsync<long>("SELECT count(last_visit_id) FROM streaming.owner"));
        await database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.lose() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.last_visit_id := gen_random_uuid(); RETURN NEW; END $$;
            CREATE TRIGGER lose BEFORE INSERT OR UPDATE ON streaming.owner FOR EACH ROW EXECUTE FUNCTION streaming.lose();
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => BatchRunner.RunAsync(database.Connection, model, batch, null, None));

        Assert.Equal(ErrorIds.VerificationFailed, error.ErrorId);
        Assert.Equal(rows, await database.CountAsync("owner"));
    }

    [Fact]
    public async Task Roles_that_own_nothing_are_told_what_they_need_and_members_give_partitions_to_the_owner()
    {
        await using var database = await LayoutDatabase.CreateAsync(postgres, Layout.Partitioned);
        var model = MetadataReader.Default;
        var ahead = PartitionPeriod.Of(PartitionInterval.Month, DateTime.UtcNow.AddMonths(2)).NameIn("transactions", PartitionInterval.Month);
        await database.ExecuteAsync($"DROP TABLE streaming.{ahead}");

        // Who may do nothing else than what test asks for.
        foreach (var purpose in new[] { ConnectionPurpose.Batch, ConnectionPurpose.Import })
        {
            await using var role = await database.ConnectAsPlainRoleAsync();
            var missing = (await ConnectionTester.TestAsync(role, model, [purpose], None)).Missing;
            Assert.Contains(missing, sentence => sentence.Contains("GRANT UPDATE (\"transaction_id\") ON TABLE \"streaming\".\"transactions\"", StringComparison.Ordinal));
            foreach (Match grant in Regex.Matches(string.Join(' ', missing), "GRANT [^;]*;"))
            {
                await database.ExecuteAsync(grant.Value);
            }

            if (purpose is ConnectionPurpose.Batch)
            {
                await BatchHelper.LoadAsync(role, BatchHelper.Of(3, 6, 9));
                await BatchHelper.LoadAsync(role, BatchHelper.Of(0, 6, 9));
            }
            else
            {
                var (user, transaction) = (await database.ScalarAsync<Guid>("SELECT user_id FROM streaming.users LIMIT 1"), Guid.NewGuid());
                await ImportAsync(role, model, "transactions", [transaction, user, 9.99m, Now, "new"]);
                await ImportAsync(role, model, "detailed_transactions", [null, transaction, user, "Chair", 1, 9.99m, Now]);
            }
        }

        // Initialising again is no matter of who owns the tables.
        await using var initializer = await database.ConnectAsPlainRoleAsync("GRANT USAGE, CREATE ON SCHEMA streaming TO {role}");
        var changes = await SchemaInitializer.InitializeAsync(initializer, model, planOnly: false, None);
        Assert.All(changes, change => Assert.Equal(SchemaAction.Unchanged, change.Action));

        await using var group = await database.ConnectAsPlainRoleAsync(
            "GRANT USAGE, CREATE ON SCHEMA streaming TO {role}",
            """
            DO $$ DECLARE t regclass; BEGIN
                FOR t IN SELECT oid FROM pg_class WHERE relnamespace = 'streaming'::regnamespace AND relkind IN ('r', 'p') LOOP EXECUTE format('ALTER TABLE %s OWNER TO {role}', t); END LOOP;
            END $$
            """);
        await using var member = await database.ConnectAsPlainRoleAsync($"GRANT {Identifier.Quote(group.UserName)} TO {{role}}");
        await SchemaUpdater.ApplyAsync(member, model, new SchemaUpdateOptions(), None).ToListAsync();
        Assert.Equal(group.UserName, await database.ScalarAsync<string>($"SELECT pg_get_userbyid(relowner)::text FROM pg_class WHERE oid = 'streaming.{ahead}'::regclass"));
    }

    [Fact]
    public async Task Tables_that_are_created_get_the_partitions_of_their_rows_and_others_none()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        await database.ExecuteAsync("CREATE SCHEMA streaming; CREATE TYPE streaming.mood AS ENUM ('sad')");
        var model = MetadataReader.Parse(
            """
            {
              "$types": { "mood": { "enum": ["glad"] } },
              "visit": { "partition": "month", "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" }, "mood": { "type": "mood" } } },
              "note": { "partition": "month", "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" } } }
            }
            """);

        var plan = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: true, None);
        var changes = await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, None);

        Assert.Equal(plan.Count(change => change.Kind == "partition"), changes.Count(change => change.Kind == "partition"));
        Assert.Equal(SchemaAction.Different, changes.Single(change => change.Name == "visit").Action);
        Assert.DoesNotContain(changes, change => change.Name.StartsWith("visit_", StringComparison.Ordinal));
        Assert.Contains(changes, change => change.Name.StartsWith("note_m", StringComparison.Ordinal));

        // Rows of a table without foreign keys are of the last two years.
        var notes = MetadataReader.Parse("""{ "note": { "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" } } } }""");
        await BatchRunner.RunAsync(database.Connection, notes, new() { Rows = Rows(("note", 200)), ReferenceTime = Now }, null, None);
        Assert.Equal((200, 0), (await database.CountAsync("note"), await database.CountAsync("note_other")));
    }

    private static Dictionary<string, long> Rows(params (string Table, long Count)[] rows) => rows.ToDictionary(row => row.Table, row => row.Count);

    private static async Task<List<IntegrityResult>> BrokenAsync(TestDatabase database, StreamModel model) =>
        await IntegrityChecker.CheckAsync(database.Connection, model, None).Where(result => result is { Status: IntegrityStatus.Broken, Severity: IntegritySeverity.Error }).ToListAsync();

    private static async Task ImportAsync(DatabaseConnection connection, StreamModel model, string table, object?[] row)
    {
        await using var importer = await RowImporter.BeginAsync(connection, model, new ImportOptions(), None);
        importer.Add(model.Table(table), row);
        await importer.CompleteAsync(None);
    }
}
