using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Foreign keys between types that are not the same: PostgreSQL allows them, and live databases have them.</summary>
[Collection(SharedPostgres.Name)]
public sealed class OtherTypeTests(PostgresFixture postgres)
{
    /// <summary>Each column refers to one of another type; an order's country is its customer's, and both its addresses are.</summary>
    private const string Shop = """
        { "$types": {"mark": {"domain": "VARCHAR(4)", "check": "length(VALUE) <= 4"}},
          "countries": {"columns": {"code": {"type": "CHAR(5)", "primary_key": true, "pattern": "[A-Z]{2}"}}},
          "customers": {"columns": {"id": {"type": "BIGSERIAL", "primary_key": true},
            "country": {"type": "VARCHAR(3)", "foreign_key": {"table": "countries", "column": "code"}}}},
          "addresses": {"columns": {"id": {"type": "SERIAL", "primary_key": true},
            "customer": {"type": "INTEGER", "foreign_key": {"table": "customers", "column": "id"}}}},
          "orders": {"columns": {"id": {"type": "SERIAL", "primary_key": true},
            "customer": {"type": "SMALLINT", "foreign_key": {"table": "customers", "column": "id"}},
            "country": {"type": "TEXT", "foreign_key": {"table": "countries", "column": "code"}},
            "billing": {"type": "BIGINT", "foreign_key": {"table": "addresses", "column": "id"}},
            "shipping": {"type": "SMALLINT", "nullable": true, "null_ratio": 0.2, "foreign_key": {"table": "addresses", "column": "id"}}}},
          "lines": {"columns": {
            "order": {"type": "BIGINT", "primary_key": true, "foreign_key": {"table": "orders", "column": "id"}},
            "number": {"type": "INTEGER", "primary_key": true}}},
          "notes": {"columns": {"id": {"type": "UUID", "primary_key": true}, "order": {"type": "SMALLINT"}, "number": {"type": "BIGINT"}},
            "foreign_keys": [{"columns": ["order", "number"], "table": "lines", "parent_columns": ["order", "number"]}]},
          "tags": {"columns": {"name": {"type": "mark", "primary_key": true, "pattern": "[a-z]{4}"}}},
          "weights": {"columns": {"grams": {"type": "DECIMAL(9,2)", "primary_key": true, "min": 0, "max": 99.99}}},
          "order_tags": {"columns": {
            "order": {"type": "SMALLINT", "primary_key": true, "foreign_key": {"table": "orders", "column": "id"}},
            "tag": {"type": "TEXT", "primary_key": true, "foreign_key": {"table": "tags", "column": "name"}},
            "grams": {"type": "DECIMAL(4,2)", "foreign_key": {"table": "weights", "column": "grams"}}}}
        }
        """;

    [Theory]
    [MemberData(nameof(RelationTests.Ways), MemberType = typeof(RelationTests))]
    public async Task Rows_refer_across_types_to_new_and_to_existing_parents(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);
        (string, long)[] parents = [("countries", 20), ("customers", 10 * times), ("addresses", 40 * times), ("tags", 6), ("weights", 9)];
        (string, long)[] children = [("orders", 20 * times), ("lines", 50 * times), ("notes", 30 * times), ("order_tags", 30 * times)];

        await shop.LoadAsync(check, [.. parents, .. children]);
        await shop.AssertSoundAsync();
        await shop.LoadAsync(check, children);
        await shop.LoadAsync(check, ("orders", 10), ("notes", 10), ("order_tags", 10));
        await shop.AssertSoundAsync();

        Assert.Equal((40 * times) + 10, await shop.CountAsync(
            "SELECT FROM {orders} o JOIN {customers} c ON c.id = o.customer JOIN {countries} l ON l.code = o.country JOIN {addresses} b ON b.id = o.billing WHERE c.country = o.country AND b.customer = c.id"));
    }

    [Fact]
    public async Task Chunks_refer_across_types()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Shop);
        await shop.LoadAsync(new BatchOptions
        {
            Rows = shop.Model.Tables.ToDictionary(table => table.Name, table => table.Name is "countries" or "tags" or "weights" ? 20L : 900L),
            ChunkSize = 1000,
        });
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData("INTEGER", "40000", "SMALLINT", "outside the range of smallint")]
    [InlineData("TEXT", "'éééé'", "VARCHAR(3)", "it has 4 characters, but the column takes only 3")]
    [InlineData("DECIMAL(9,2)", "100.00", "DECIMAL(4,2)", "it has more digits than DECIMAL(4,2)")]
    public async Task A_parent_that_does_not_fit_is_named_with_its_column(string parentType, string value, string type, string reason)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, $$$$"""
            { "p": {"columns": {"id": {"type": "{{{{parentType}}}}", "primary_key": true} } },
              "c": {"columns": {"id": {"type": "UUID", "primary_key": true}, "p": {"type": "{{{{type}}}}", "foreign_key": {"table": "p", "column": "id"} } } } }
            """);
        await shop.Database.ExecuteAsync($"INSERT INTO streaming.p VALUES ({value})");

        foreach (var rows in (long[])[5, 3000])
        {
            var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(ForeignKeyCheck.Auto, ("c", rows)));

            Assert.Equal(("ReferenceDoesNotFit", "c.p"), (error.ErrorId, error.Target));
            Assert.Contains("\"p\".\"id\"", error.Message, StringComparison.Ordinal);
            Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(0, await shop.Database.CountAsync("c"));
    }
}
