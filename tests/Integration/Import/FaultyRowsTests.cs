using System.Text.Json;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Records;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>Foreign rows with faults: the good ones go in, the bad ones into a file that can be mended and imported.</summary>
[Collection(SharedPostgres.Name)]
public sealed class FaultyRowsTests(PostgresFixture postgres) : IDisposable
{
    private static readonly TableModel Users = MetadataReader.Default.Table("users");
    private static readonly TableModel Transactions = MetadataReader.Default.Table("transactions");
    private static readonly TableModel Details = MetadataReader.Default.Table("detailed_transactions");

    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-rejects-").FullName;

    private string RejectPath => Path.Combine(_folder, "rejects.jsonl");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task Every_kind_of_fault_is_found_and_every_good_row_goes_in()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.users ADD CONSTRAINT adult CHECK (age >= 18), ALTER city SET NOT NULL");
        await shop.Database.ExecuteAsync("CREATE UNIQUE INDEX users_email_key ON streaming.users (email)");
        var ids = Enumerable.Range(0, 5000).Select(_ => Guid.NewGuid()).ToArray();

        var results = await ImportAsync(shop, importer =>
        {
            for (var row = 1; row <= ids.Length; row++)
            {
                object? id = ids[row - 1];
                object? age = 30;
                object? city = "Rome";
                var email = $"user{row}@example.com";
                switch (row)
                {
                    case 7: age = 12; break; // CHECK
                    case 1000: city = null; break; // NOT NULL
                    case 2500: email = "user1@example.com"; break; // unique, not the key
                    case 2501: id = ids[0]; break; // the key
                    case 3000: age = "old"; break; // does not convert
                    case 5000: id = null; break; // no key
                }

                importer.Add(Users, [id, "Ada", email, age, city, "2024-01-01"]);
            }
        });

        var result = Assert.Single(results);
        Assert.Equal((5000L, 4994L, 6L, 0L), (result.Read, result.Rows, result.Rejected, result.Skipped));
        Assert.Equal(4994, await shop.Database.CountAsync("users"));
        var rejects = ReadRejects();
        Assert.Equal(
            [(7, "23514"), (1000, "23502"), (2500, "23505"), (2501, "23505"), (3000, "22000"), (5000, "23502")],
            rejects.Select(reject => (reject.GetProperty("row").GetInt32(), reject.GetProperty("sqlstate").GetString()!)).Order());
        Assert.All(rejects, reject => Assert.Equal("users", reject.GetProperty("table").GetString()));
        Assert.Equal("adult", Of(rejects, 7).GetProperty("constraint").GetString());
        Assert.Equal("city", Of(rejects, 1000).GetProperty("column").GetString());
        Assert.Contains("user1@example.com", Of(rejects, 2500).GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("it is not a whole number", Of(rejects, 3000).GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Equal("old", Of(rejects, 3000).GetProperty("values").GetProperty("age").GetString());
        Assert.Equal(12, Of(rejects, 7).GetProperty("values").GetProperty("age").GetInt32());
        Assert.Equal(4994, await shop.Database.ScalarAsync<long>("SELECT (rows ->> 'users')::bigint FROM streaming.batch_ledger"));
    }

    [Fact]
    public async Task What_was_rejected_can_be_mended_and_imported()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.transactions ADD CHECK (amount > 0)");
        var user = RecordGenerator.MakeUsers(1, new GenerationOptions()).Single();
        var date = new DateTime(2024, 5, 6, 7, 8, 9, DateTimeKind.Unspecified).AddTicks(1234560);
        await ImportAsync(shop, importer =>
        {
            importer.Add(Users, [user.UserId, "a\"\\\n😀", user.Email, user.Age, user.City, user.RegistrationDate]);
            importer.Add(Transactions, [Guid.NewGuid(), user.UserId, -12345678.91m, date, "paid \"twice\"\n"]);
        });

        var values = Assert.Single(ReadRejects()).GetProperty("values");
        await using (var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, CancellationToken.None))
        {
            importer.Add(Transactions,
            [
                values.GetProperty("transaction_id").GetString(),
                values.GetProperty("user_id").GetString(),
                -values.GetProperty("amount").GetDecimal(),
                values.GetProperty("transaction_date").GetString(),
                values.GetProperty("status").GetString(),
            ]);
            await importer.CompleteAsync(CancellationToken.None);
        }

        var row = Assert.Single(await shop.Database.QueryAsync("SELECT user_id, amount, transaction_date, status FROM streaming.transactions"));
        Assert.Equal([user.UserId, 12345678.91m, date, "paid \"twice\"\n"], row);
    }

    [Fact]
    public async Task A_reference_to_nothing_is_rejected_also_when_it_shows_only_at_the_commit()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.transactions ALTER CONSTRAINT transactions_user_id_fkey DEFERRABLE INITIALLY DEFERRED");
        var user = RecordGenerator.MakeUsers(1, new GenerationOptions()).Single();

        var results = await ImportAsync(shop, importer =>
        {
            for (var row = 0; row < 3000; row++)
            {
                importer.Add(Transactions, [Guid.NewGuid(), row is 5 or 2999 ? Guid.NewGuid() : user.UserId, 1m, null, null]);
            }

            importer.Add(Users, Row(user));
        });

        Assert.Equal([("users", 1L, 0L), ("transactions", 2998L, 2L)], results.Select(result => (result.Table, result.Rows, result.Rejected)));
        Assert.Equal([("23503", 6), ("23503", 3000)], ReadRejects().Select(reject => (reject.GetProperty("sqlstate").GetString()!, reject.GetProperty("row").GetInt32())));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_child_of_a_rejected_row_is_rejected_too()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var (good, bad) = (Guid.NewGuid(), Guid.NewGuid());

        var results = await ImportAsync(shop, importer =>
        {
            importer.Add(Details, [null, null, bad, "Chair", 1, 1, null]);
            importer.Add(Details, [null, null, good, "Chair", 1, 1, null]);
            importer.Add(Users, [bad, "x", null, "old", null, null]);
            importer.Add(Users, [good, "x", null, 30, null, null]);
        });

        Assert.Equal([("users", 1L, 1L), ("detailed_transactions", 1L, 1L)], results.Select(result => (result.Table, result.Rows, result.Rejected)));
        Assert.False(Of(ReadRejects(), 1).GetProperty("values").TryGetProperty("id", out _));
    }

    [Fact]
    public async Task A_table_that_refers_to_itself_takes_parents_that_come_after_their_children()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Parse(
            """
            { "staff": { "columns": { "id": { "type": "INTEGER", "primary_key": true }, "name": { "type": "VARCHAR(2000)" },
              "boss": { "type": "INTEGER", "foreign_key": { "table": "staff", "column": "id" } } } } }
            """);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        var name = new string('x', 2000);

        ImportResult result;
        var options = new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = RejectPath };
        await using (var importer = await RowImporter.BeginAsync(database.Connection, model, options, CancellationToken.None))
        {
            // Enough for several chunks; each child comes long before its parent, and one has none.
            for (var id = 1; id <= 300; id++)
            {
                importer.Add(model.Table("staff"), [id, name, id > 280 ? null : id == 10 ? 9999 : id + 20]);
            }

            result = Assert.Single(await importer.CompleteAsync(CancellationToken.None));
        }

        Assert.Equal((300L, 299L, 1L), (result.Read, result.Rows, result.Rejected));
        Assert.Equal(10, Assert.Single(ReadRejects()).GetProperty("values").GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task Random_faults_add_up_and_the_file_has_exactly_them()
    {
        for (var seed = 1; seed <= 12; seed++)
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);
            await shop.Database.ExecuteAsync("ALTER TABLE streaming.users ADD CHECK (age < 100)");
            var random = new Random(seed);
            var share = random.NextDouble() * random.Next(0, 2) * 0.3;
            var expected = new List<int>();
            var path = Path.Combine(_folder, $"{seed}.jsonl");

            var results = await ImportAsync(shop, importer =>
            {
                for (var row = 1; row <= 1500; row++)
                {
                    var isBad = random.NextDouble() < share;
                    object age = !isBad ? 40 : random.Next(2) == 0 ? 100 : "?";
                    if (isBad)
                    {
                        expected.Add(row);
                    }

                    importer.Add(Users, [Guid.NewGuid(), new string('n', random.Next(255)), null, age, null, null]);
                }
            }, path);

            var result = Assert.Single(results);
            Assert.Equal((1500L, 1500L - expected.Count, (long)expected.Count), (result.Read, result.Rows, result.Rejected));
            Assert.Equal(result.Rows, await shop.Database.CountAsync("users"));
            Assert.Equal(expected.Count > 0, File.Exists(path));
            Assert.Equal(expected, ReadRejects(path).Select(reject => reject.GetProperty("row").GetInt32()).Order());
        }
    }

    [Fact]
    public async Task The_sequence_stays_ahead_of_what_was_loaded_and_not_of_what_was_rejected()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.detailed_transactions ADD CHECK (quantity > 0)");

        await ImportAsync(shop, importer =>
        {
            importer.Add(Details, [null, null, null, "sequence", 1, 1, null]);
            importer.Add(Details, [500, null, null, "explicit", 1, 1, null]);
            importer.Add(Details, [int.MaxValue, null, null, "explicit", 0, 1, null]);
        });

        Assert.Equal([[500], [501]], await shop.Database.QueryAsync("SELECT id FROM streaming.detailed_transactions ORDER BY id"));
        Assert.Equal(2, await shop.Database.CountAsync("detailed_transactions"));
    }

    [Fact]
    public async Task An_import_that_fails_for_another_reason_leaves_neither_rows_nor_rejects()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.refuse() RETURNS trigger LANGUAGE plpgsql AS
                $$BEGIN IF new.age = 99 THEN RAISE EXCEPTION 'no more' USING ERRCODE = 'insufficient_resources'; END IF; RETURN new; END$$;
            CREATE TRIGGER refuse BEFORE INSERT ON streaming.users FOR EACH ROW EXECUTE FUNCTION streaming.refuse();
            """);

        var error = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, importer =>
        {
            importer.Add(Users, [Guid.NewGuid(), null, null, "old", null, null]);
            importer.Add(Users, [Guid.NewGuid(), null, null, 30, null, null]);
            importer.Add(Users, [Guid.NewGuid(), null, null, 99, null, null]);
        }));

        Assert.Equal("53000", error.SqlState);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
        Assert.False(File.Exists(RejectPath));
    }

    [Fact]
    public async Task A_file_that_is_there_is_never_written_over()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await File.WriteAllTextAsync(RejectPath, "precious");

        var exists = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, _ => { }));
        var folder = await Assert.ThrowsAsync<StreamingException>(() => ImportAsync(shop, _ => { }, Path.Combine(_folder, "missing", "rejects.jsonl")));

        Assert.Equal(("RejectFileExists", "RejectFileUnwritable"), (exists.ErrorId, folder.ErrorId));
        Assert.Equal("precious", await File.ReadAllTextAsync(RejectPath));
    }

    [Theory]
    [InlineData(ImportErrorAction.Reject, null)]
    [InlineData(ImportErrorAction.Stop, "rejects.jsonl")]
    public async Task Rejecting_and_the_file_for_it_belong_together(ImportErrorAction onError, string? path)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var error = await Assert.ThrowsAsync<StreamingException>(() => RowImporter.BeginAsync(
            shop.Connection, MetadataReader.Default, new ImportOptions { OnError = onError, RejectPath = path }, CancellationToken.None));

        Assert.Equal(("ImportOptionInvalid", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
    }

    private async Task<IReadOnlyList<ImportResult>> ImportAsync(LoadedShop shop, Action<RowImporter> add, string? path = null)
    {
        var options = new ImportOptions { OnError = ImportErrorAction.Reject, RejectPath = path ?? RejectPath };
        await using var importer = await RowImporter.BeginAsync(shop.Connection, MetadataReader.Default, options, CancellationToken.None);
        add(importer);
        return await importer.CompleteAsync(CancellationToken.None);
    }

    private List<JsonElement> ReadRejects(string? path = null) => File.Exists(path ?? RejectPath)
        ? [.. File.ReadLines(path ?? RejectPath).Select(line => JsonDocument.Parse(line).RootElement)]
        : [];

    private static JsonElement Of(IEnumerable<JsonElement> rejects, int row) =>
        Assert.Single(rejects, reject => reject.GetProperty("row").GetInt32() == row);

    private static object?[] Row(StreamingUser user) => [user.UserId, user.Name, user.Email, user.Age, user.City, user.RegistrationDate];
}
