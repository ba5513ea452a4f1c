using System.Globalization;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Loading;

/// <summary>A batch that cannot be loaded says why, names the remedy, and leaves nothing.</summary>
[Collection(SharedPostgres.Name)]
public sealed class RefusalTests(PostgresFixture postgres)
{
    [Fact]
    public async Task More_rows_than_the_sequence_can_still_give_are_refused_before_any_row()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.Database.ExecuteAsync("SELECT setval('streaming.detailed_transactions_id_seq', 2147483600)");

        foreach (var details in new[] { 48, 5000 })
        {
            var error = await FailAsync(shop, LoadedShop.Options(10, 30, details));

            Assert.Equal(("SequenceExhausted", StreamingErrorKind.ResourceExhausted, "detailed_transactions"), (error.ErrorId, error.Kind, error.Target));
            Assert.Contains("has only 47 values left", error.Message, StringComparison.Ordinal);
            Assert.Contains("-WidenKey detailed_transactions", error.Remedy, StringComparison.Ordinal);
        }

        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
        await shop.LoadAsync(10, 30, 47);
        Assert.Equal(2147483647, await shop.Database.ScalarAsync<int>("SELECT max(id) FROM streaming.detailed_transactions"));
    }

    [Theory]
    [InlineData(48)]
    [InlineData(5000)]
    public async Task A_sequence_that_comes_to_its_end_between_batches_is_noticed(int details)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync("SELECT setval('streaming.detailed_transactions_id_seq', 2147483600)");

        var error = await FailAsync(shop, LoadedShop.Options(10, 30, details));

        Assert.Equal(("SequenceExhausted", StreamingErrorKind.ResourceExhausted, "detailed_transactions"), (error.ErrorId, error.Kind, error.Target));
        Assert.Equal((10L, 30L, 100L, 1L), await shop.CountAsync());
    }

    [Theory]
    [InlineData(-1, 0, 0, "RowCountOutOfRange")]
    [InlineData(0, -5, 0, "RowCountOutOfRange")]
    [InlineData(1, 1, long.MaxValue, "RowCountOutOfRange")]
    [InlineData(0, 1, 0, "NoParents")]
    [InlineData(1, 0, 1, "NoParents")]
    [InlineData(1, 1, 100_000, "AmountTooLarge")]
    public async Task Counts_that_cannot_be_made_are_refused(long users, long transactions, long details, string errorId)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var error = await FailAsync(shop, LoadedShop.Options(users, transactions, details));

        Assert.Equal((errorId, StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.NotEqual("", error.Remedy);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task Options_out_of_range_are_refused()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var options = LoadedShop.Options(1, 1, 1);

        Assert.Equal("UnknownLocale", (await FailAsync(shop, options with { Locale = "xx" })).ErrorId);
        foreach (var wrong in new[]
        {
            options with { ExistingRatio = -0.1 }, options with { ExistingRatio = 1.1 }, options with { ExistingRatio = double.NaN },
            options with { ChunkSize = 0 }, options with { Parallel = 0 }, options with { Parallel = 65 },
        })
        {
            Assert.Equal("OptionOutOfRange", (await FailAsync(shop, wrong)).ErrorId);
        }

        var unknown = await FailAsync(shop, new BatchOptions { Rows = new Dictionary<string, long> { ["customers"] = 1 } });
        Assert.Equal(("TableUnknown", "customers"), (unknown.ErrorId, unknown.Target));
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Theory]
    [InlineData("detailed_transactions", "TableNotFound")]
    [InlineData("batch_ledger", "TableNotFound")]
    public async Task A_missing_table_is_named_with_the_command_that_makes_it(string table, string errorId)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        // Once before, so that nothing remembered of the tables can hide the change.
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync($"DROP TABLE streaming.{table}");

        var error = await FailAsync(shop, LoadedShop.Options(10, 30, 100));

        Assert.Equal((errorId, StreamingErrorKind.NotFound), (error.ErrorId, error.Kind));
        Assert.Contains(table, error.Message, StringComparison.Ordinal);
        Assert.Contains("Initialize-StreamingSchema", error.Remedy, StringComparison.Ordinal);
        Assert.Equal(10, await shop.Database.CountAsync("users"));
    }

    [Theory]
    [InlineData("ALTER TABLE streaming.users ALTER COLUMN age TYPE text", "age")]
    [InlineData("ALTER TABLE streaming.users DROP COLUMN city", "city")]
    [InlineData("ALTER TABLE streaming.users RENAME COLUMN name TO full_name", "name")]
    [InlineData("ALTER TABLE streaming.transactions DROP CONSTRAINT transactions_user_id_fkey", "user_id")]
    [InlineData("ALTER TABLE streaming.detailed_transactions ALTER COLUMN product_name TYPE varchar(300)", "product_name")]
    public async Task A_table_that_someone_altered_is_refused_and_nothing_loaded(string change, string column)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync(change);

        var error = await FailAsync(shop, LoadedShop.Options(10, 30, 100));

        Assert.Equal(("TableDiffers", StreamingErrorKind.SchemaMismatch), (error.ErrorId, error.Kind));
        Assert.Contains(column, error.Message, StringComparison.Ordinal);
        Assert.Equal((10L, 30L, 100L, 1L), await shop.CountAsync());
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50_000)]
    public async Task A_full_disk_is_an_error_that_says_so_and_leaves_nothing(int details)
    {
        await using var shop = await LoadedShop.CreatePrivateAsync(postgres);
        await FillDiskUnderAsync(shop, "detailed_transactions");

        // A first load that may truncate the table would write another file.
        var error = await FailAsync(shop, LoadedShop.Options(100, details, details) with { ForeignKeyCheck = ForeignKeyCheck.Set });

        Assert.Equal(("DiskFull", StreamingErrorKind.ResourceExhausted), (error.ErrorId, error.Kind));
        Assert.Contains("Free space", error.Remedy, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Fact]
    public async Task A_role_without_rights_on_a_table_is_told_which()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        var plain = await shop.Database.ConnectAsPlainRoleAsync(
            "GRANT USAGE ON SCHEMA streaming TO {role}",
            "GRANT SELECT, INSERT, UPDATE ON streaming.users, streaming.transactions, streaming.batch_ledger TO {role}",
            "GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA streaming TO {role}",
            "GRANT SELECT ON streaming.detailed_transactions TO {role}");

        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(LoadedShop.Options(10, 30, 100), plain));

        Assert.Equal(("PermissionDenied", StreamingErrorKind.PermissionDenied), (error.ErrorId, error.Kind));
        Assert.Contains("detailed_transactions", error.Message, StringComparison.Ordinal);
        Assert.Equal((0L, 0L, 0L, 0L), await shop.CountAsync());
    }

    [Theory]
    [InlineData(300_000, 1)]
    [InlineData(300_000, 3)]
    public async Task A_batch_cancelled_midway_leaves_nothing_of_the_part_in_hand(int details, int parallel)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        using var cancel = new CancellationTokenSource();
        var progress = new CancelAt(50_000, cancel);
        var options = LoadedShop.Options(1000, 10_000, details) with { ChunkSize = parallel == 1 ? 1_000_000 : 20_000, Parallel = parallel };

        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => BatchRunner.RunAsync(shop.Connection, MetadataReader.Default, options, progress, cancel.Token));

        // What stays is whole parts, each with its ledger row, and sound.
        var count = await shop.CountAsync();
        var ledger = await shop.Database.QueryAsync("SELECT rows ->> 'users', rows ->> 'transactions', rows ->> 'detailed_transactions' FROM streaming.batch_ledger");
        Assert.True(parallel > 1 || count == default, $"{count}");
        Assert.Equal(
            (Sum(ledger, 0), Sum(ledger, 1), Sum(ledger, 2), ledger.Count),
            (count.Users, count.Transactions, count.Details, (int)count.Ledger));
        Assert.True(count.Details < details);
        await shop.AssertSoundAsync();

        // The connection went back to its pool in order.
        await shop.LoadAsync();
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_batch_of_which_parts_are_missing_is_not_taken_for_loaded()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        using var cancel = new CancellationTokenSource();
        var options = LoadedShop.Options(100, 1000, 20_000) with { ChunkSize = 2000, BatchId = Guid.NewGuid() };
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => BatchRunner.RunAsync(shop.Connection, MetadataReader.Default, options, new CancelAt(8000, cancel), cancel.Token));
        var count = await shop.CountAsync();
        Assert.InRange(count.Ledger, 1, 10);

        var error = await FailAsync(shop, options);

        Assert.Equal(("BatchIncomplete", StreamingErrorKind.InvalidInput), (error.ErrorId, error.Kind));
        Assert.Equal(count, await shop.CountAsync());
        await shop.AssertSoundAsync();
    }

    private static long Sum(List<object?[]> rows, int column) => rows.Sum(row => long.Parse((string?)row[column] ?? "0", CultureInfo.InvariantCulture));

    private static Task<StreamingException> FailAsync(LoadedShop shop, BatchOptions options) =>
        Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(options));

    /// <summary>
    /// The kernel answers every write to /dev/full with "no space left on device": with the table's file replaced by it, the server
    /// meets the very error of a full disk, without mounting one, for which a test would have to be root.
    /// </summary>
    private static async Task FillDiskUnderAsync(LoadedShop shop, string table)
    {
        var file = Path.Combine(
            await shop.Database.ScalarAsync<string>("SHOW data_directory"),
            await shop.Database.ScalarAsync<string>("SELECT pg_relation_filepath($1::regclass)", shop.Connection.Quote(table)));

        // Since PostgreSQL 16 a table grows by many pages without a write (posix_fallocate), which no device can do.
        if (await shop.Database.ScalarAsync<bool>("SELECT EXISTS (SELECT FROM pg_settings WHERE name = 'file_extend_method')"))
        {
            await shop.Database.ExecuteAsync("ALTER SYSTEM SET file_extend_method = 'write_zeros'");
            await shop.Database.ExecuteAsync("SELECT pg_reload_conf()");
        }

        File.Delete(file);
        File.CreateSymbolicLink(file, "/dev/full");

        // Backends keep files open: those that know the old file must go.
        await shop.Database.ExecuteAsync("CHECKPOINT");
        await shop.Database.ExecuteAsync(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        Npgsql.NpgsqlConnection.ClearAllPools();
        shop.Connection.DataSource.Clear();
    }

    private sealed class CancelAt(long rows, CancellationTokenSource cancel) : IProgress<BatchProgress>
    {
        public void Report(BatchProgress value)
        {
            if (value.RowsDone >= rows)
            {
                cancel.Cancel();
            }
        }
    }
}
