using System.Globalization;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Rows from outside: whole or not at all, in any order, in constant memory.</summary>
[Collection(SharedPostgres.Name)]
public sealed class RowImporterTests(PostgresFixture postgres)
{
    private static readonly TableModel Users = MetadataReader.Default.Table("users");
    private static readonly TableModel Transactions = MetadataReader.Default.Table("transactions");
    private static readonly TableModel Details = MetadataReader.Default.Table("detailed_transactions");

    [Fact]
    public async Task Children_before_parents_and_more_than_memory_holds_are_loaded_in_order()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var seeded = new GenerationOptions { Seed = 1 };
        var users = RecordGenerator.MakeUsers(200, seeded).ToArray();
        var transactions = RecordGenerator.MakeTransactions(users, 6_000, seeded).ToArray();

        var results = await ImportAsync(shop, importer =>
        {
            var nextUser = 0;
            foreach (var (transaction, lines) in RecordGenerator.MakeDetails(transactions, 60_000, seeded))
            {
                foreach (var line in lines)
                {
                    importer.Add(Details, Row(line));
                }

                importer.Add(Transactions, Row(transaction));
                if (nextUser < users.Length)
                {
                    importer.Add(Users, Row(users[nextUser++]));
                }
            }
        });

        Assert.Equal([("users", 200L), ("transactions", 6_000L), ("detailed_transactions", 60_000L)], results.Select(result => (result.Table, result.Rows)));
        Assert.Single(results.Select(result => result.BatchId).Distinct());
        Assert.Equal((200L, 6_000L, 60_000L, 1L), await shop.CountAsync());
        await shop.AssertSoundAsync();
        Assert.Equal("import", await shop.Database.ScalarAsync<string>("SELECT kind FROM streaming.batch_ledger"));
    }

    [Fact]
    public async Task Values_arrive_as_they_were_given()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var user = RecordGenerator.MakeUsers(1, new GenerationOptions { Locale = "ja" }).Single() with { City = "a\tb\\N\n\"é😀" };

        await ImportAsync(shop, importer => importer.Add(Users, Row(user)));

        var row = Assert.Single(await shop.Database.QueryAsync("SELECT user_id, name, email, age, city, registration_date FROM streaming.users"));
        Assert.Equal([user.UserId, user.Name, user.Email, user.Age, user.City, user.RegistrationDate], row);
    }

    [Fact]
    public async Task Text_as_a_file_has_it_is_converted_and_nothing_stands_for_no_value()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        await ImportAsync(shop, importer =>
        {
            importer.Add(Users, ["0190a000-0000-7000-8000-000000000001", "Ada", "ada@example.com", "36", "", "2024-02-29 12:00:00"]);
            importer.Add(Users, ["0190a000-0000-7000-8000-000000000002", null, null, "", null, ""]);
            importer.Add(Transactions, ["0190b000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000001", "19.995", "2025-01-01T00:00:00+02:00", "completed"]);
            importer.Add(Details, ["", "0190b000-0000-7000-8000-000000000001", "0190a000-0000-7000-8000-000000000001", "Chair", "1", "19.99", "2025-01-02"]);
            importer.Add(Details, [DBNull.Value, DBNull.Value, null, "Table", "2", "5", null]);
        });

        Assert.Equal(
            ["(0190a000-0000-7000-8000-000000000001,Ada,ada@example.com,36,\"\",\"2024-02-29 12:00:00\")", "(0190a000-0000-7000-8000-000000000002,,,,,)"],
            await TextAsync(shop, "users", "user_id"));
        Assert.Equal(
            ["(0190b000-0000-7000-8000-000000000001,0190a000-0000-7000-8000-000000000001,20.00,\"2024-12-31 22:00:00\",completed)"],
            await TextAsync(shop, "transactions", "transaction_id"));
        Assert.Equal(
            [
                "(1,0190b000-0000-7000-8000-000000000001,0190a000-0000-7000-8000-000000000001,Chair,1,19.99,\"2025-01-02 00:00:00\")",
                "(2,,,Table,2,5.00,)",
            ],
            await TextAsync(shop, "detailed_transactions", "id"));
    }

    [Fact]
    public async Task Numbers_times_and_uuids_of_every_size_mean_the_same_to_PostgreSQL()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var random = new Random(11);
        var expected = new List<string>();
        decimal[] edges = [0m, 0.01m, -0.01m, 0.10m, 1m, 9999m, 9999.99m, 10000m, 10000.01m, 99999999.99m, -99999999.99m, 100_000m, 20_000_000m];
        await ImportAsync(shop, importer =>
        {
            for (var row = 0; row < 3000; row++)
            {
                var id = new Guid([.. BitConverter.GetBytes(row).Reverse(), .. RandomBytes(random, 12)], bigEndian: true);
                var amount = row < edges.Length ? edges[row] : decimal.Round((decimal)((random.NextDouble() - 0.5) * Math.Pow(10, random.Next(1, 9))), 2);
                var time = new DateTime(random.NextInt64(DateTime.MaxValue.Ticks / 10) * 10);
                expected.Add($"({id},,{amount.ToString("0.00", CultureInfo.InvariantCulture)},\"{time.ToString("yyyy-MM-dd HH:mm:ss.FFFFFF", CultureInfo.InvariantCulture)}\",)");
                importer.Add(Transactions, [id, null, amount, time, null]);
            }
        });

        Assert.Equal(expected, await TextAsync(shop, "transactions", "transaction_id"));
    }

    [Fact]
    public async Task Explicit_ids_leave_the_sequence_ahead_also_beside_rows_without_one()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await ImportAsync(shop, importer =>
        {
            importer.Add(Details, [null, null, null, "sequence", 1, 1, null]);
            importer.Add(Details, [1, null, null, "explicit", 1, 1, null]);
            importer.Add(Details, ["500", null, null, "explicit", 1, 1, null]);
            importer.Add(Details, ["", null, null, "sequence", 1, 1, null]);
        });

        var next = await shop.Database.ScalarAsync<int>("INSERT INTO streaming.detailed_transactions (quantity) VALUES (1) RETURNING id");

        Assert.True(next > 500, $"The sequence gave {next}.");
        Assert.Equal(5, await shop.Database.ScalarAsync<long>("SELECT count(DISTINCT id) FROM streaming.detailed_transactions"));

        // Lower ids than the sequence has given do not turn it back.
        await ImportAsync(shop, importer => importer.Add(Details, [100, null, null, "explicit", 1, 1, null]));
        Assert.Equal(next + 1, await shop.Database.ScalarAsync<int>("INSERT INTO streaming.detailed_transactions (quantity) VALUES (1) RETURNING id"));
        await shop.LoadAsync();
        Assert.Equal(107, await shop.Database.CountAsync("detailed_transactions"));
    }

    public static TheoryData<string, object?[], string, string, string> DoNotFit => new()
    {
        { "users", ["no-uuid", null, null, null, null, null], "user_id", "no-uuid", "it is not a UUID" },
        { "users", [null, "Ada", null, null, null, null], "user_id", "null", "a key cannot be NULL" },
        { "users", ["", "Ada", null, null, null, null], "user_id", "null", "a key cannot be NULL" },
        { "users", [Guid.Empty, null, null, "old", null, null], "age", "old", "it is not a whole number" },
        { "users", [Guid.Empty, new string('x', 256), null, null, null, null], "name", "xxx...", "it has 256 characters, but the column takes only 255" },
        { "users", [Guid.Empty, null, null, null, null, "soon"], "registration_date", "soon", "it is not a time" },
        { "transactions", [Guid.Empty, null, 100_000_000m, null, null], "amount", "100000000", "it does not fit DECIMAL(10,2)" },
        { "detailed_transactions", ["one", null, null, null, null, null, null], "id", "one", "it is not a whole number" },
        { "detailed_transactions", [null, null, null, null, 3_000_000_000L, null, null], "quantity", "3000000000", "it is outside the range of integer" },
    };

    [Theory]
    [MemberData(nameof(DoNotFit))]
    public async Task A_value_that_does_not_fit_is_named_with_its_row_and_nothing_stays(
        string table, object?[] values, string column, string value, string reason)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, importer =>
        {
            // Enough that the server has rows already when the bad one comes.
            foreach (var user in RecordGenerator.MakeUsers(5000, new GenerationOptions()))
            {
                importer.Add(Users, Row(user));
            }

            importer.Add(MetadataReader.Default.Table(table), values);
        }));

        Assert.Equal(("ValueDoesNotFit", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        foreach (var part in new[] { "Row 5001", $"\"{column}\"", $"\"{table}\"", value, reason })
        {
            Assert.Contains(part, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task A_reference_to_nothing_and_a_key_that_is_there_are_refused_and_nothing_stays()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var user = RecordGenerator.MakeUsers(1, new GenerationOptions()).Single();

        var orphan = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, importer =>
        {
            importer.Add(Users, Row(user));
            importer.Add(Transactions, [Guid.NewGuid(), Guid.NewGuid(), 1m, null, null]);
        }));
        var twice = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, importer =>
        {
            importer.Add(Users, Row(user));
            importer.Add(Users, Row(user));
        }));

        Assert.Equal(("ForeignKeyViolation", StreamingErrorKind.ConstraintViolated), (orphan.ErrorId, orphan.Kind));
        Assert.Equal(("UniqueViolation", StreamingErrorKind.ConstraintViolated), (twice.ErrorId, twice.Kind));
        Assert.Contains(user.UserId.ToString(), twice.Message, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task A_row_that_the_server_refuses_is_named_and_nothing_of_a_large_import_stays()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users ADD CONSTRAINT young CHECK (age < 1000)");

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, importer =>
        {
            for (var row = 0; row < 100_000; row++)
            {
                importer.Add(Users, [Guid.NewGuid(), null, null, row == 10 ? 1000 : 30, null, null]);
            }
        }));

        Assert.Equal("CheckViolation", error.ErrorId);
        Assert.Contains("young", error.Message, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task An_import_of_nothing_loads_nothing()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        Assert.Empty(await ImportAsync(shop, _ => { }));

        Assert.Equal((0L, 0L, 0L), await shop.CountAsync() is var count ? (count.Users, count.Transactions, count.Details) : default);
    }

    [Fact]
    public async Task An_import_that_is_given_up_leaves_nothing()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using (var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, CancellationToken.None))
        {
            foreach (var user in RecordGenerator.MakeUsers(20_000, new GenerationOptions()))
            {
                importer.Add(Users, Row(user));
            }
        }

        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task A_cancelled_import_leaves_nothing()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        using var cancel = new CancellationTokenSource();
        await using var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, cancel.Token);
        foreach (var user in RecordGenerator.MakeUsers(5000, new GenerationOptions()))
        {
            importer.Add(Users, Row(user));
        }

        await cancel.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => importer.CompleteAsync(cancel.Token));
        await importer.DisposeAsync();
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task Tables_that_are_not_there_are_named_before_a_row_is_taken()
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var error = await Assert.ThrowsAsync<StreamingException>(
            () => RowImporter.BeginAsync(database.Connection, MetadataReader.Default, CancellationToken.None));

        Assert.Equal(("TableNotFound", StreamingErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Contains("Initialize-StreamingSchema", error.Remedy, StringComparison.Ordinal);
    }

    /// <summary>In a process of its own, whose memory nobody else uses.</summary>
    [Theory]
    [InlineData(1_000_000, ConflictAction.Error)]
    [InlineData(500_000, ConflictAction.Update)]
    public async Task Many_rows_take_no_more_memory_than_a_few_blocks(long rows, ConflictAction onConflict)
    {
        await using var database = await postgres.CreateDatabaseAsync();

        var lines = await Net8Program.RunAsync(database.Settings().ConnectionString, "import", $"{rows}", $"{onConflict}");

        var numbers = lines[1].Split(' ').Select(long.Parse).ToArray();
        Assert.Equal(rows, numbers[0]);
        Assert.InRange(numbers[1], long.MinValue, 16 * 1024 * 1024);
    }

    private static async Task<IReadOnlyList<ImportResult>> ImportAsync(LoadedShop shop, Action<RowImporter> add)
    {
        await using var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, CancellationToken.None);
        add(importer);
        return await importer.CompleteAsync(CancellationToken.None);
    }

    /// <summary>The rows of a table as PostgreSQL itself spells them.</summary>
    private static async Task<string[]> TextAsync(LoadedShop shop, string table, string key) =>
        [.. (await shop.Database.QueryAsync($"SELECT t::text FROM streaming.{table} AS t ORDER BY {key}")).Select(row => (string)row[0]!)];

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    private static object?[] Row(StreamingUser user) => [user.UserId, user.Name, user.Email, user.Age, user.City, user.RegistrationDate];

    private static object?[] Row(StreamingTransaction transaction) =>
        [transaction.TransactionId, transaction.UserId, transaction.Amount, transaction.TransactionDate, transaction.Status];

    private static object?[] Row(StreamingDetail line) =>
        [line.Id, line.TransactionId, line.UserId, line.ProductName, line.Quantity, line.UnitPrice, line.CreatedAt];
}
