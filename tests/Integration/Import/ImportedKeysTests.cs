using Npgsql;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Discovery;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>The foreign keys of many rows are verified by set, as exactly as the triggers of each row do it.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ImportedKeysTests(PostgresFixture postgres)
{
    private const int Rows = 12_000;
    private static readonly Guid NoOne = new("00000000-0000-7000-8000-000000000000");

    [Fact]
    public async Task Many_rows_are_verified_and_their_parents_are_locked()
    {
        await using var database = await CreateAsync();
        var users = await UsersAsync(database);
        await using var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None);
        Add(import, row => users[row % users.Count]);

        await import.CompleteAsync(CancellationToken.None);

        Assert.Equal(Rows, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.transactions"));
        Assert.Equal("Set", await database.ScalarAsync<string>("SELECT foreign_key_check FROM streaming.batch_ledger"));
        var error = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DELETE FROM streaming.users"));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, error.SqlState);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_row_without_a_parent_is_named_and_nothing_stays(bool isOneTable)
    {
        await using var database = await CreateAsync();
        var users = await UsersAsync(database);
        var options = new ImportOptions { IsOneTable = isOneTable };
        await using (var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None))
        {
            Add(import, row => row == 7_777 ? NoOne : users[row % users.Count]);
            var error = await Assert.ThrowsAsync<StreamingException>(() => import.CompleteAsync(CancellationToken.None));
            Assert.Equal(StreamingErrorKind.ConstraintViolated, error.Kind);
            Assert.Contains(NoOne.ToString(), error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.transactions"));
    }

    [Fact]
    public async Task Parents_that_somebody_deletes_before_they_are_locked_are_missed()
    {
        await using var database = await CreateAsync();
        var users = await UsersAsync(database);
        await using var deleting = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await deleting.BeginTransactionAsync();
        await using (var delete = new NpgsqlCommand($"DELETE FROM streaming.users WHERE user_id = '{users[3]}'", deleting))
        {
            await delete.ExecuteNonQueryAsync();
        }

        await using var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None);
        Add(import, row => users[row % users.Count]);
        var completing = import.CompleteAsync(CancellationToken.None);
        await Task.Delay(300);
        Assert.False(completing.IsCompleted);
        await transaction.CommitAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(() => completing);
        Assert.Contains(users[3].ToString(), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_parent_that_appears_after_the_others_were_locked_is_none()
    {
        await using var database = await CreateAsync();
        var users = await UsersAsync(database);
        await using var locking = await database.Connection.OpenAsync(CancellationToken.None);
        await using var transaction = await locking.BeginTransactionAsync();
        await using (var delete = new NpgsqlCommand($"DELETE FROM streaming.users WHERE user_id = '{users[3]}'", locking))
        {
            await delete.ExecuteNonQueryAsync();
        }

        await using var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None);
        Add(import, row => row == 7_777 ? NoOne : users[row % users.Count]);
        var completing = import.CompleteAsync(CancellationToken.None);
        while (!await database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')"))
        {
            await Task.Delay(50);
        }

        await database.ExecuteAsync($"INSERT INTO streaming.users VALUES ('{NoOne}', 'Name', 'late@example.com', 30, 'City', '2025-01-01')");
        await transaction.RollbackAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(() => completing);
        Assert.Equal(StreamingErrorKind.ConstraintViolated, error.Kind);
    }

    [Fact]
    public async Task A_row_without_a_parent_is_found_behind_a_sequence_that_was_moved_ahead()
    {
        await using var database = await CreateAsync();
        var user = (await UsersAsync(database))[0];
        var transaction = Guid.NewGuid();
        await database.ExecuteAsync($"INSERT INTO streaming.transactions VALUES ('{transaction}', '{user}', 1, '2025-02-01', 'completed')");
        await using (var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None))
        {
            for (var row = 0; row < Rows; row++)
            {
                import.Add(
                    MetadataReader.Default.Tables[2],
                    [1_000_000 + row, row == 7_777 ? NoOne : transaction, user, Guid.NewGuid(), 1, 1m, new DateTime(2025, 2, 1)]);
            }

            var error = await Assert.ThrowsAsync<StreamingException>(() => import.CompleteAsync(CancellationToken.None));
            Assert.Equal(StreamingErrorKind.ConstraintViolated, error.Kind);
        }

        Assert.Equal(0, await database.ScalarAsync<long>("SELECT count(*) FROM streaming.detailed_transactions"));
    }

    [Fact]
    public async Task Rows_of_one_table_go_to_the_server_while_others_are_read_and_their_sequence_goes_first()
    {
        await using var database = await CreateAsync();
        var user = (await UsersAsync(database))[0];
        var transaction = Guid.NewGuid();
        await database.ExecuteAsync($"INSERT INTO streaming.transactions VALUES ('{transaction}', '{user}', 1, '2025-02-01', 'completed')");
        var options = new ImportOptions { IsOneTable = true };
        await using var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, options, CancellationToken.None);
        for (var row = 1; row <= 6 * Rows; row++)
        {
            import.Add(MetadataReader.Default.Tables[2], [row, transaction, user, "Lamp", 1, 1m, new DateTime(2025, 2, 1)]);
        }

        // The import goes on; whoever draws a key meanwhile gets none of its keys.
        using var limit = new CancellationTokenSource(TestProcess.Patience);
        while (await database.ScalarAsync<long>("SELECT last_value FROM streaming.detailed_transactions_id_seq") < Rows)
        {
            await Task.Delay(20, limit.Token);
        }

        await import.CompleteAsync(CancellationToken.None);

        Assert.Equal(6 * Rows, await database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM streaming.detailed_transactions"));
        Assert.Equal(6 * Rows, await database.ScalarAsync<long>("SELECT last_value FROM streaming.detailed_transactions_id_seq"));
        Assert.Equal("Set", await database.ScalarAsync<string>("SELECT foreign_key_check FROM streaming.batch_ledger"));
        var error = await Assert.ThrowsAsync<PostgresException>(() => database.ExecuteAsync("DELETE FROM streaming.transactions"));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, error.SqlState);
    }

    [Fact]
    public async Task A_small_share_of_a_large_table_is_left_to_the_triggers()
    {
        await using var database = await CreateAsync();
        var users = await UsersAsync(database);
        await database.ExecuteAsync("UPDATE pg_class SET reltuples = 1000000000, relpages = 10000000 WHERE oid = 'streaming.users'::regclass");
        await using var import = await RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None);
        Add(import, row => users[row % users.Count]);

        await import.CompleteAsync(CancellationToken.None);

        Assert.Equal("Row", await database.ScalarAsync<string>("SELECT foreign_key_check FROM streaming.batch_ledger"));
    }

    [Fact]
    public async Task Keys_are_compared_as_their_type_compares_them()
    {
        await using var database = await LiveTables.CreateAsync(postgres, """
            CREATE EXTENSION citext SCHEMA public;
            CREATE TABLE owner (name public.citext PRIMARY KEY);
            CREATE TABLE pet (id integer PRIMARY KEY, owner public.citext NOT NULL REFERENCES owner);
            CREATE TABLE toy (id integer PRIMARY KEY, pet integer NOT NULL REFERENCES pet, owner public.citext NOT NULL REFERENCES owner);
            INSERT INTO owner VALUES ('bob'); INSERT INTO pet VALUES (0, 'Bob'); INSERT INTO toy VALUES (0, 0, 'BOB')
            """);
        var model = LiveTables.Model(await LiveTables.ReadAsync(database));
        await SchemaInitializer.InitializeAsync(database.Connection, model, false, CancellationToken.None);
        await using var import = await RowImporter.BeginAsync(database.Connection, model, CancellationToken.None);
        for (var row = 1; row <= Rows; row++)
        {
            import.Add(model.Table("pet"), [row, "BOB"]);
        }

        await import.CompleteAsync(CancellationToken.None);

        Assert.Equal("Set", await database.ScalarAsync<string>("SELECT foreign_key_check FROM shop.batch_ledger"));
        var found = await IntegrityChecker.CheckAsync(database.Connection, model, CancellationToken.None).Where(result => result.Count > 0).ToListAsync();
        Assert.Empty(found.Select(result => result.Check));
    }

    private async Task<TestDatabase> CreateAsync()
    {
        var database = await postgres.CreateDatabaseAsync("streaming");
        await SchemaInitializer.InitializeAsync(database.Connection, MetadataReader.Default, false, CancellationToken.None);
        return database;
    }

    private static async Task<IReadOnlyList<Guid>> UsersAsync(TestDatabase database)
    {
        var users = Enumerable.Range(0, 10).Select(_ => Guid.NewGuid()).ToList();
        await database.ExecuteAsync(string.Join(";", users.Select((user, number) =>
            $"INSERT INTO streaming.users VALUES ('{user}', 'Name', 'name{number}@example.com', 30, 'City', '2025-01-01')")));
        return users;
    }

    private static void Add(RowImporter import, Func<int, Guid> user)
    {
        for (var row = 0; row < Rows; row++)
        {
            import.Add(MetadataReader.Default.Tables[1], [Guid.NewGuid(), user(row), 1m, new DateTime(2025, 2, 1), "completed"]);
        }
    }
}
