using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

[Collection(SharedPostgres.Name)]
public sealed class ShopExampleTests(PostgresFixture postgres)
{
    private static readonly BatchOptions OfMetadata = new() { Rows = new Dictionary<string, long>(), RowsOfMetadata = true, Seed = 1 };

    [Theory]
    [InlineData(ForeignKeyCheck.Row, 100_000)]
    [InlineData(ForeignKeyCheck.Set, 100_000)]
    [InlineData(ForeignKeyCheck.Auto, 40)]
    public async Task Every_table_is_filled_and_sound(ForeignKeyCheck check, int chunkSize)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Path));
        for (var batch = 0; batch < 3; batch++)
        {
            var result = await shop.LoadAsync(OfMetadata with { ForeignKeyCheck = check, ChunkSize = chunkSize });
            Assert.InRange(result.CommittedAt!.Value, DateTime.UtcNow.AddHours(-1), DateTime.UtcNow.AddHours(1));
        }

        await shop.AssertSoundAsync();
        foreach (var table in shop.Model.Tables)
        {
            Assert.True(await shop.CountAsync($"SELECT FROM {{{table.Name}}}") >= 9, $"{table.Name} is empty, or nearly");
        }

        Assert.Equal(0, await shop.CountAsync(
            "SELECT FROM {orders} o JOIN {addresses} a ON a.address_id IN (o.billing_address_id, o.shipping_address_id) WHERE a.customer_id <> o.customer_id"));
        Assert.Equal(0, await shop.CountAsync(
            "SELECT FROM {customers} c JOIN {addresses} a ON a.address_id = c.preferred_address_id WHERE a.customer_id <> c.customer_id"));
        Assert.Equal(0, await shop.CountAsync(
            "SELECT order_id FROM {order_lines} GROUP BY 1 HAVING max(line_no) <> count(*) OR count(*) > 6"));
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {reviews} WHERE customer_id IS NULL"));
    }

    /// <summary>All chunks of a first load are one transaction: nobody else can delete the parents that its first chunk made, a lock would write each of them
    /// once more per chunk, and references that close a cycle need not wait.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_first_load_writes_every_row_once_and_builds_all_keys_after_them(bool byOwner)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Path));
        var connection = byOwner
            ? await shop.Database.ConnectAsPlainRoleAsync(
                ["ALTER SCHEMA streaming OWNER TO {role}", "ALTER TABLE streaming.batch_ledger OWNER TO {role}", .. shop.Model.Tables.Select(table => $"ALTER TABLE streaming.{table.Name} OWNER TO {{role}}")])
            : shop.Connection;
        const string Keys = "SELECT string_agg(line, E'\n' ORDER BY line) FROM (SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) || convalidated FROM pg_constraint WHERE connamespace = 'streaming'::regnamespace) AS c (line)";
        const string Files = "SELECT string_agg(indexrelid::text, ' ' ORDER BY 1) FROM pg_index WHERE indrelid::regclass::text ~ '(customers|addresses|orders|products)$'";
        var (keys, files) = (await shop.Database.ScalarAsync<string>(Keys), await shop.Database.ScalarAsync<string>(Files));

        // Tables of few rows, to which every chunk refers.
        var options = OfMetadata with { Rows = new Dictionary<string, long> { ["customers"] = 5_000, ["orders"] = 60_000 } };
        var result = await BatchRunner.RunAsync(connection, shop.Model, options, progress: null, CancellationToken.None);

        Assert.Contains("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.True(await shop.Database.CountAsync("batch_ledger") > 2);
        Assert.Equal(keys, await shop.Database.ScalarAsync<string>(Keys));
        Assert.Empty(files.Split(' ').Intersect((await shop.Database.ScalarAsync<string>(Files)).Split(' ')));
        foreach (var table in shop.Model.Tables)
        {
            // A row that is written again is a new version of it, in another place.
            Assert.Equal(0, await shop.CountAsync($"SELECT FROM {{{table.Name}}} WHERE xmax <> 0"));
            Assert.Equal(
                await shop.Database.ScalarAsync<int>($"SELECT relpages FROM pg_class WHERE oid = 'streaming.{table.Name}'::regclass"),
                await shop.Database.ScalarAsync<int>($"SELECT relallvisible FROM pg_class WHERE oid = 'streaming.{table.Name}'::regclass"));
        }

        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {customers} WHERE preferred_address_id IS NOT NULL"));
        await shop.AssertSoundAsync();
    }

    /// <summary>A trigger or a CHECK may look up what its row refers to, which is not there yet where tables refer to each other.</summary>
    [Theory]
    [InlineData("CREATE TRIGGER look BEFORE INSERT OR UPDATE ON streaming.customers FOR EACH ROW EXECUTE FUNCTION streaming.look()")]
    [InlineData("ALTER TABLE streaming.customers ADD CHECK (streaming.is_there(preferred_address_id))")]
    public async Task A_function_sees_no_reference_before_its_row_is_there(string sql)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Path));
        await shop.Database.ExecuteAsync(
            """
            CREATE FUNCTION streaming.look() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF NEW.preferred_address_id IS NOT NULL AND NOT EXISTS (SELECT FROM streaming.addresses WHERE address_id = NEW.preferred_address_id) THEN
                    RAISE EXCEPTION 'no such address';
                END IF;
                RETURN NEW;
            END $$;
            CREATE FUNCTION streaming.is_there(address uuid) RETURNS boolean LANGUAGE sql AS
                $$ SELECT address IS NULL OR EXISTS (SELECT FROM streaming.addresses WHERE address_id = address) $$;
            """);
        await shop.Database.ExecuteAsync(sql);
        var owner = await shop.Database.ConnectAsPlainRoleAsync(
            ["ALTER SCHEMA streaming OWNER TO {role}", "ALTER TABLE streaming.batch_ledger OWNER TO {role}", .. shop.Model.Tables.Select(table => $"ALTER TABLE streaming.{table.Name} OWNER TO {{role}}")]);

        var result = await BatchRunner.RunAsync(owner, shop.Model, OfMetadata with { Rows = new Dictionary<string, long> { ["customers"] = 5_000, ["orders"] = 10_000 } }, progress: null, CancellationToken.None);

        Assert.Contains("were empty", result.ForeignKeyCheckReason, StringComparison.Ordinal);
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {customers} WHERE preferred_address_id IS NOT NULL"));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Rows_that_are_asked_for_count_before_those_of_the_metadata()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Path));
        var result = await shop.LoadAsync(OfMetadata with { Rows = new Dictionary<string, long> { ["products"] = 50, ["reviews"] = 7, ["tags"] = 0, ["product_tags"] = 0 } });
        var rows = result.Tables.ToDictionary(table => table.Table, table => table.Rows);
        Assert.Equal((50, 7, 10), (rows["products"], rows["reviews"], rows["customers"]));
        Assert.InRange(rows["order_lines"], 30, 180);
    }

    [Fact]
    public async Task A_table_that_is_left_out_gets_no_rows_and_its_children_refer_to_those_it_has()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Path));
        var withoutProducts = OfMetadata with { Rows = new Dictionary<string, long> { ["products"] = 0 } };
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(withoutProducts));
        Assert.Equal("NoParents", error.ErrorId);
        Assert.Contains("Rows of \"product_tags\" refer to \"products\"", error.Message, StringComparison.Ordinal);
        Assert.Contains("Request at least one row of \"products\" too, or no row of \"product_tags\"", error.Remedy, StringComparison.Ordinal);
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {customers}"));

        await shop.LoadAsync(OfMetadata with { Rows = new Dictionary<string, long> { ["reviews"] = 0 } });
        Assert.Equal((0, 20), (await shop.CountAsync("SELECT FROM {reviews}"), await shop.CountAsync("SELECT FROM {products}")));

        await shop.LoadAsync(withoutProducts);
        Assert.Equal((25, 20), (await shop.CountAsync("SELECT FROM {reviews}"), await shop.CountAsync("SELECT FROM {products}")));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Customers_are_people_at_places_in_the_database()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, MetadataReader.Load(ShopExample.Customers));
        await shop.LoadAsync(OfMetadata);
        await shop.LoadAsync(OfMetadata with { ChunkSize = 40 });

        await shop.AssertSoundAsync();
        Assert.Equal((40, 100, 200), (await shop.CountAsync("SELECT FROM {companies}"), await shop.CountAsync("SELECT FROM {customers}"), await shop.CountAsync("SELECT FROM {orders}")));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {customers} WHERE full_name <> first_name || ' ' || last_name"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {companies} WHERE left(iban, 2) <> country_code OR left(vat_number, 2) <> country_code OR split_part(contact_email, '@', 2) <> domain"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {orders} o JOIN {customers} c ON c.id = o.customer_id WHERE (o.city, o.country) <> (c.shipping_city, c.shipping_country)"));
    }

    [Fact]
    public async Task The_command_line_runs_it_from_init_to_growth()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var program = StreamingPgProgram.On(database.Settings());
        (await program.RunAsync("init", "--metadata", ShopExample.Path)).Expect(0);
        (await program.RunAsync("batch", "--metadata", ShopExample.Path)).Expect(0);
        (await program.RunAsync("batch", "--metadata", ShopExample.Path, "--rows", "products=20", "orders=50")).Expect(0);
        (await program.RunAsync("stream", "--metadata", ShopExample.Path, "--interval", "00:00:00.01", "--max-batches", "2")).Expect(0);
        Assert.Equal(80, await database.CountAsync("products"));
        Assert.DoesNotContain("BROKEN", (await program.RunAsync("check", "--metadata", ShopExample.Path)).Expect(0).Output, StringComparison.Ordinal);
        var growth = (await program.RunAsync("growth", "--metadata", ShopExample.Path, "--json")).Expect(0).Json();
        Assert.Equal(80, growth.Single(table => table.GetProperty("table").GetString() == "products").GetProperty("rows").GetInt64());

        var error = (await program.RunAsync("batch", "--metadata", ShopExample.Path, "--users", "3")).Expect(2).Error;
        Assert.Contains("\"users\", but the metadata has no such table", error, StringComparison.Ordinal);
        (await program.RunAsync("batch", "--rows", "products")).Expect(2);
    }

    [Fact]
    public async Task One_seed_gives_tables_that_refer_to_each_other_without_a_database()
    {
        var orders = await RowsAsync("orders");
        var lines = await RowsAsync("order_lines");
        var customers = await RowsAsync("customers");
        var addresses = await RowsAsync("addresses");
        Assert.Equal(30, orders.Count);
        Assert.Equal(orders.Select(row => row["order_id"]).Order(), lines.Select(row => row["order_id"]).Distinct().Order());
        Assert.Subset(customers.Select(row => row["customer_id"]).ToHashSet(), orders.Select(row => row["customer_id"]).ToHashSet());
        Assert.Subset(addresses.Select(row => row["address_id"]).ToHashSet(), orders.Select(row => row["billing_address_id"]).ToHashSet());
        Assert.Subset(addresses.Select(row => row["address_id"]).ToHashSet(), customers.Select(row => row["preferred_address_id"]).ToHashSet());
    }

    private static async Task<List<Dictionary<string, string>>> RowsAsync(string table)
    {
        var program = new StreamingPgProgram();
        var rows = (await program.RunAsync("generate", "--metadata", ShopExample.Path, "--table", table, "--seed", "11")).Expect(0).Json();
        return [.. rows.Select(row => row.EnumerateObject().ToDictionary(field => field.Name, field => field.Value.ToString()))];
    }
}
