using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Streaming;
using StreamingPg.Core.Telemetry;
using StreamingPg.Tests.Integration.Faults;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;

namespace StreamingPg.Tests.Integration.Streaming;

/// <summary>Somebody changes the tables while a stream runs.</summary>
[Collection(SharedPostgres.Name)]
public sealed class ChangedTablesTests(PostgresFixture postgres)
{
    [Theory]
    [InlineData("ALTER TABLE streaming.users ADD COLUMN nickname text", "column \"nickname\" of \"users\" was added (text)")]
    [InlineData("ALTER TABLE streaming.users ADD COLUMN score integer NOT NULL DEFAULT 0", "column \"score\" of \"users\" was added (integer not null with a default)")]
    public async Task A_harmless_change_ends_a_stream_or_is_taken_note_of(string change, string words)
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var error = await Assert.ThrowsAsync<StreamingException>(() => StreamAsync(shop, TableChangeAction.Stop, change));

        Assert.Equal(("TablesChanged", StreamingErrorKind.SchemaMismatch), (error.ErrorId, error.Kind));
        Assert.Contains(words, error.Message, StringComparison.Ordinal);
        Assert.Contains("Adapt", error.Remedy, StringComparison.Ordinal);
        Assert.Equal(10, await shop.Database.CountAsync("users"));

        await using var other = await LoadedShop.CreateAsync(postgres);
        var (batches, events) = await StreamAsync(other, TableChangeAction.Adapt, change);

        Assert.Equal(3, batches);
        Assert.Contains(words, Assert.Single(events.Events, item => item.Name == BatchEvent.TablesChanged).Text, StringComparison.Ordinal);
        await other.AssertSoundAsync();
    }

    [Theory]
    [InlineData("ALTER TABLE streaming.users DROP COLUMN city", "column \"city\" is missing")]
    [InlineData("ALTER TABLE streaming.users ALTER COLUMN age TYPE text", "column \"age\" is text, not integer")]
    [InlineData("TRUNCATE streaming.users CASCADE; ALTER TABLE streaming.users ADD COLUMN tax_id text NOT NULL", "\"tax_id\" is not in the model, is NOT NULL and has no default")]
    public async Task What_the_rows_no_longer_fit_ends_every_stream_with_the_difference(string change, string words)
    {
        foreach (var action in Enum.GetValues<TableChangeAction>())
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);

            var error = await Assert.ThrowsAsync<StreamingException>(() => StreamAsync(shop, action, change));

            Assert.Equal("TableDiffers", error.ErrorId);
            Assert.Contains(words, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("users ALTER COLUMN city TYPE varchar(400)", "city", "character varying(400)")]
    [InlineData("users ALTER COLUMN city TYPE text", "city", "text")]
    [InlineData("users ALTER COLUMN age TYPE bigint", "age", "bigint")]
    [InlineData("transactions ALTER COLUMN amount TYPE numeric(14,3)", "amount", "numeric(14,3)")]
    public async Task A_stream_takes_a_widened_column_as_it_is(string change, string column, string type)
    {
        const int Batches = 8; // the statements of the stream are prepared by then
        change = $"ALTER TABLE streaming.{change}";
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var other = await LoadedShop.CreateAsync(postgres);

        var stopped = await Assert.ThrowsAsync<StreamingException>(() => StreamAsync(shop, TableChangeAction.Stop, change, Batches));
        var (batches, events) = await StreamAsync(other, TableChangeAction.Adapt, change, Batches);

        Assert.Equal("TableDiffers", stopped.ErrorId);
        Assert.Contains($"column \"{column}\" is {type}, not ", stopped.Message, StringComparison.Ordinal);
        Assert.Contains("-OnSchemaChange Adapt (--on-schema-change Adapt)", stopped.Remedy, StringComparison.Ordinal);
        Assert.Equal(Batches + 2, batches);
        var warning = Assert.Single(events.Events, item => item.Name == BatchEvent.TablesChanged).Text;
        Assert.Contains($"column \"{column}\"", warning, StringComparison.Ordinal);
        Assert.Contains(type, warning, StringComparison.Ordinal);
        await other.AssertSoundAsync();
    }

    [Fact]
    public async Task A_wider_key_ends_no_stream()
    {
        foreach (var action in Enum.GetValues<TableChangeAction>())
        {
            await using var shop = await LoadedShop.CreateAsync(postgres);

            var (batches, events) = await StreamAsync(shop, action, "ALTER TABLE streaming.detailed_transactions ALTER COLUMN id TYPE bigint", after: 8);

            Assert.Equal(10, batches);
            Assert.Contains("column \"id\"", Assert.Single(events.Events, item => item.Name == BatchEvent.TablesChanged).Text, StringComparison.Ordinal);
            await shop.AssertSoundAsync();
        }
    }

    [Fact]
    public async Task A_batch_of_any_size_takes_tables_that_are_wider_than_the_metadata()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync("""
            ALTER TABLE streaming.users ALTER COLUMN city TYPE text, ALTER COLUMN age TYPE bigint;
            ALTER TABLE streaming.transactions ALTER COLUMN amount TYPE numeric(20,4);
            ALTER TABLE streaming.detailed_transactions ALTER COLUMN id TYPE bigint, ALTER COLUMN quantity TYPE bigint;
            ALTER SEQUENCE streaming.detailed_transactions_id_seq AS bigint MAXVALUE 9223372036854775807 RESTART 5000000000
            """);
        foreach (var options in new[] { BatchHelper.Small, BatchHelper.Large })
        {
            var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(options));
            Assert.Equal("TableDiffers", error.ErrorId);
            var events = new EventList();

            var loaded = await BatchRunner.RunAsync(
                shop.Connection, MetadataReader.Default, options with { OnSchemaChange = TableChangeAction.Adapt }, null, events, CancellationToken.None, CancellationToken.None);

            Assert.Equal(options.TotalRows, loaded.TotalRows);
            Assert.Contains(
                "table \"users\": column \"age\" is bigint, not integer", Assert.Single(events.Events, item => item.Name == BatchEvent.TablesChanged).Text, StringComparison.Ordinal);
        }

        Assert.True(await shop.Database.ScalarAsync<long>("SELECT max(id) FROM streaming.detailed_transactions") > 5_000_000_000);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_narrowed_column_is_spelled_out_also_when_the_statements_of_the_stream_are_prepared_by_then()
    {
        const string Change = "ALTER TABLE streaming.users ALTER COLUMN city TYPE varchar(100)";
        const int Batches = 12;
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var other = await LoadedShop.CreateAsync(postgres);

        var stopped = await Assert.ThrowsAsync<StreamingException>(() => StreamAsync(shop, TableChangeAction.Stop, Change, Batches));
        var misfit = await Assert.ThrowsAsync<StreamingException>(() => StreamAsync(other, TableChangeAction.Adapt, Change, Batches));

        Assert.Equal(("TableDiffers", "TableDiffers"), (stopped.ErrorId, misfit.ErrorId));
        Assert.Contains("column \"city\" is character varying(100), not character varying(255)", misfit.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("Adapt", misfit.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_leaves_columns_and_keys_alone_is_no_change()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);

        var (batches, events) = await StreamAsync(
            shop, TableChangeAction.Stop, "CREATE INDEX ON streaming.users (city); GRANT SELECT ON streaming.users TO PUBLIC; ANALYZE streaming.users");

        Assert.Equal(3, batches);
        Assert.DoesNotContain(events.Events, item => item.Name == BatchEvent.TablesChanged);
    }

    private static async Task<(int Batches, EventList Events)> StreamAsync(LoadedShop shop, TableChangeAction action, string change, int after = 1)
    {
        var events = new EventList();
        var options = new StreamOptions { Batch = LoadedShop.Options(10, 30, 100) with { OnSchemaChange = action }, BatchesPerSecond = 1000, MaxBatches = after + 2 };
        var batches = 0;
        await foreach (var _ in new StreamRunner(shop.Connection, MetadataReader.Default, options, events, progress: null).RunAsync(CancellationToken.None))
        {
            if (++batches == after)
            {
                await shop.Database.ExecuteAsync(change);
            }
        }

        return (batches, events);
    }
}
