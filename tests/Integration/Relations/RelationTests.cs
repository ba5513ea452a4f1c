using System.Text.RegularExpressions;
using StreamingPg.Core.Loading;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Relations;

/// <summary>Each kind of relation, loaded small and large, checked by row and by set, on new and on existing parents.</summary>
[Collection(SharedPostgres.Name)]
public sealed partial class RelationTests(PostgresFixture postgres)
{
    /// <summary>How foreign keys are checked, and how many times the usual rows are made.</summary>
    public static TheoryData<ForeignKeyCheck, int> Ways => new()
    {
        { ForeignKeyCheck.Row, 1 }, { ForeignKeyCheck.Set, 1 }, { ForeignKeyCheck.Row, 60 }, { ForeignKeyCheck.Set, 60 }, { ForeignKeyCheck.Auto, 60 },
    };

    /// <summary>&lt;key&gt; stands for a primary key and a time, &lt;table&gt; or &lt;table.column, more&gt; for a reference.</summary>
    private static string Model(string json) => Reference().Replace(
        json.Replace("<key>", """ "id": {"type": "UUID", "primary_key": true}, "at": {"type": "TIMESTAMP"} """, StringComparison.Ordinal),
        match => $$"""
            {"type": "UUID", "foreign_key": {"table": "{{match.Groups[1]}}", "column": "{{(match.Groups[2].Success ? match.Groups[2] : "id")}}"} {{match.Groups[3]}} }
            """);

    [GeneratedRegex(@"<(\w+)(?:\.(\w+))?(,[^>]*)?>")]
    private static partial Regex Reference();

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_tree_in_one_table(ForeignKeyCheck check, int times)
    {
        await using var tree = await RelationDatabase.CreateAsync(postgres, Model("""
            { "shops": {"columns": { <key> }},
              "nodes": {"columns": { <key>, "parent": <nodes, "nullable": true, "null_ratio": 0.1>, "shop": <shops> }} }
            """));
        await tree.LoadAsync(check, ("shops", 5), ("nodes", 30 * times));
        await tree.AssertSoundAsync();
        Assert.Equal(0, await tree.CountAsync("SELECT FROM {nodes} WHERE parent = id"));
        Assert.InRange(await tree.CountAsync("SELECT FROM {nodes} WHERE parent IS NULL"), 1, (long)(0.35 * 30 * times));
        Assert.Equal(0, await tree.CountAsync("SELECT FROM {nodes} n JOIN {nodes} p ON p.id = n.parent WHERE p.shop <> n.shop"));

        await tree.LoadAsync(check, ("shops", 0), ("nodes", 30 * times));
        await tree.AssertSoundAsync();
        Assert.NotEqual(0, await tree.CountAsync(
            "SELECT FROM {nodes} n JOIN {nodes} p ON p.id = n.parent WHERE n.xmin <> p.xmin"));
    }

    /// <summary>What is unique with a key that has no parents yet is not unique by itself.</summary>
    [Fact]
    public async Task Keys_unique_together_of_which_one_has_no_parents()
    {
        await using var members = await RelationDatabase.CreateAsync(postgres, Model("""
            { "people": {"columns": { <key> }},
              "clubs": {"columns": { <key> }},
              "members": {"columns": { <key>, "person": <people>, "club": <clubs, "nullable": true> }, "unique": [["person", "club"]] } }
            """));
        await members.LoadAsync(ForeignKeyCheck.Auto, ("people", 3), ("clubs", 0), ("members", 20));
        await members.AssertSoundAsync();
        Assert.Equal(20, await members.CountAsync("SELECT FROM {members} WHERE club IS NULL"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_tree_whose_roots_are_their_own_parents(ForeignKeyCheck check, int times)
    {
        await using var tree = await RelationDatabase.CreateAsync(
            postgres, Model("""{ "nodes": {"columns": { <key>, "parent": <nodes> }} }"""));
        await tree.LoadAsync(check, ("nodes", 30 * times));
        await tree.AssertSoundAsync();
        Assert.Equal(1, await tree.CountAsync("SELECT FROM {nodes} WHERE parent = id"));
        await tree.LoadAsync(check, ("nodes", 30 * times));
        await tree.AssertSoundAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Two_keys_to_one_parent_that_agree(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "customers": {"columns": { <key> }},
              "addresses": {"columns": { <key>, "customer": <customers> }},
              "orders": {"columns": { <key>, "customer": <customers>, "billing": <addresses>, "shipping": <addresses> }} }
            """));
        await shop.LoadAsync(check, ("customers", 5 * times), ("addresses", 20 * times), ("orders", 30 * times));
        await shop.AssertSoundAsync();
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {orders} WHERE billing <> shipping"));

        // Orders alone: addresses of one customer must be found among the existing ones.
        await shop.LoadAsync(check, ("orders", 30 * times));
        await shop.AssertSoundAsync();
        Assert.Equal(60 * times, await shop.CountAsync(
            "SELECT FROM {orders} o JOIN {addresses} b ON b.id = billing JOIN {addresses} s ON s.id = shipping WHERE b.customer = o.customer AND s.customer = o.customer"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_link_table(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "products": {"columns": { <key> }}, "tags": {"columns": { <key> }},
              "product_tags": {"columns": {
                "product": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "products", "column": "id"}},
                "tag": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "tags", "column": "id"}} }},
              "marks": {"columns": { <key>, "tag": <tags> }} }
            """));
        await shop.LoadAsync(check, ("products", 10 * times), ("tags", 4), ("product_tags", 30 * times), ("marks", 10));
        await shop.AssertSoundAsync();
        await shop.LoadAsync(check, ("product_tags", 5));
        await shop.LoadAsync(check, ("products", 2), ("product_tags", 8));
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task A_link_table_is_filled_to_the_last_pair_and_not_beyond()
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "products": {"columns": { <key> }}, "tags": {"columns": { <key> }},
              "product_tags": {"columns": { <key>, "product": <products>, "tag": <tags> }, "unique": [["product", "tag"]] } }
            """));
        await shop.LoadAsync(ForeignKeyCheck.Auto, ("products", 6), ("tags", 4), ("product_tags", 10));
        await shop.LoadAsync(ForeignKeyCheck.Auto, ("product_tags", 12));
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(ForeignKeyCheck.Auto, ("product_tags", 3)));
        Assert.Equal("TooFewParents", error.ErrorId);
        Assert.Contains("allow only 2 more", error.Message, StringComparison.Ordinal);
        await shop.LoadAsync(ForeignKeyCheck.Auto, ("product_tags", 2));
        Assert.Equal(24, await shop.CountAsync("SELECT DISTINCT product, tag FROM {product_tags}"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task One_to_one(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "users": {"columns": { <key> }},
              "profiles": {"columns": { "user": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "users", "column": "id"}}, "city": {"type": "VARCHAR(50)"} }},
              "cards": {"columns": { <key>, "user": <users, "unique": true, "nullable": true, "null_ratio": 0.3> }} }
            """));
        await shop.LoadAsync(check, ("users", 20 * times), ("profiles", 15 * times), ("cards", 20 * times));
        await shop.AssertSoundAsync();
        Assert.NotEqual(0, await shop.CountAsync("SELECT FROM {cards} WHERE \"user\" IS NULL"));
        var error = await Assert.ThrowsAsync<StreamingException>(() => shop.LoadAsync(check, ("profiles", (5 * times) + 1)));
        Assert.Equal("TooFewParents", error.ErrorId);
        Assert.Contains($"allow only {5 * times} more", error.Message, StringComparison.Ordinal);
        await shop.LoadAsync(check, ("profiles", 5 * times));
        await shop.AssertSoundAsync();
        Assert.Equal(20 * times, await shop.CountAsync("SELECT FROM {profiles}"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Tenants_with_composite_keys(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "tenants": {"columns": { <key> }},
              "products": {"columns": { "tenant": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "tenants", "column": "id"}}, "id": {"type": "UUID", "primary_key": true} }},
              "orders": {"columns": { "tenant": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "tenants", "column": "id"}}, "id": {"type": "UUID", "primary_key": true} }},
              "lines": {"columns": { <key>, "tenant": <tenants>, "product": {"type": "UUID"}, "order": {"type": "UUID"} },
                "foreign_keys": [
                  {"columns": ["tenant", "product"], "table": "products", "parent_columns": ["tenant", "id"]},
                  {"columns": ["tenant", "order"], "table": "orders", "parent_columns": ["tenant", "id"]} ],
                "unique": [["tenant", "product", "order"]] },
              "notes": {"columns": { <key>, "tenant": <tenants> }} }
            """));
        await shop.LoadAsync(check, ("tenants", 3), ("products", 20 * times), ("orders", 20 * times), ("lines", 30 * times), ("notes", 5));
        await shop.AssertSoundAsync();
        await shop.LoadAsync(check, ("lines", 10 * times));
        await shop.LoadAsync(check, ("orders", 3), ("lines", 10));
        await shop.AssertSoundAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Every_way_to_an_ancestor_leads_to_the_same_row(ForeignKeyCheck check, int times)
    {
        await using var chain = await RelationDatabase.CreateAsync(postgres, Model("""
            { "a": {"columns": { <key> }},
              "b": {"columns": { <key>, "a": <a> }},
              "c": {"columns": { <key>, "b": <b> }},
              "d": {"columns": { <key>, "a": <a>, "b": <b>, "c": <c> }},
              "e": {"columns": { <key>, "c": <c>, "a": <a> }} }
            """));
        for (var batch = 0; batch < 2; batch++)
        {
            await chain.LoadAsync(check, ("a", 5 * times), ("b", 10 * times), ("c", 10 * times), ("d", 20 * times), ("e", 20 * times));
            await chain.LoadAsync(check, ("d", 20 * times), ("e", 20 * times));
        }

        await chain.AssertSoundAsync();
        Assert.Equal(80 * times, await chain.CountAsync("SELECT FROM {d} d JOIN {c} c ON c.id = d.c AND c.b = d.b JOIN {b} b ON b.id = c.b AND b.a = d.a"));
        Assert.Equal(80 * times, await chain.CountAsync("SELECT FROM {e} e JOIN {c} c ON c.id = e.c JOIN {b} b ON b.id = c.b AND b.a = e.a"));
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_cycle_through_a_reference_that_may_be_null(ForeignKeyCheck check, int times)
    {
        await using var firm = await RelationDatabase.CreateAsync(postgres, Model("""
            { "departments": {"columns": { <key>, "head": <people, "nullable": true> }},
              "people": {"columns": { <key>, "department": <departments> }} }
            """));
        await firm.LoadAsync(check, ("departments", 5 * times), ("people", 50 * times));
        await firm.AssertSoundAsync();
        Assert.NotEqual(0, await firm.CountAsync("SELECT FROM {departments} WHERE head IS NOT NULL"));
        Assert.Equal(0, await firm.CountAsync("SELECT FROM {departments} d JOIN {people} p ON p.id = d.head WHERE p.department <> d.id"));
        await firm.LoadAsync(check, ("departments", 5 * times), ("people", 50 * times));
        await firm.AssertSoundAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task A_cycle_through_a_deferrable_key(ForeignKeyCheck check, int times)
    {
        await using var firm = await RelationDatabase.CreateAsync(postgres, Model("""
            { "departments": {"columns": { <key>, "head": {"type": "UUID", "nullable": false} },
                "foreign_keys": [{"columns": ["head"], "table": "people", "parent_columns": ["id"], "deferrable": true}]},
              "people": {"columns": { <key>, "department": <departments> }} }
            """));
        await firm.LoadAsync(check, ("departments", 5 * times), ("people", 50 * times));
        await firm.AssertSoundAsync();
        Assert.Equal(0, await firm.CountAsync("SELECT FROM {departments} WHERE head IS NULL"));
        await firm.LoadAsync(check, ("departments", 5 * times), ("people", 50 * times));
        await firm.AssertSoundAsync();
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task Optional_references_and_unique_keys_other_than_the_primary(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "users": {"columns": { <key>, "code": {"type": "UUID", "unique": true} }},
              "visits": {"columns": { <key>,
                "user": <users.code, "nullable": true, "null_ratio": 0.4> }},
              "notes": {"columns": { <key>, "visit": <visits, "nullable": true, "null_ratio": 0.5>, "user": <users.code> }},
              "marks": {"columns": { <key>, "user": <users> }} }
            """));
        for (var batch = 0; batch < 2; batch++)
        {
            await shop.LoadAsync(check, ("users", 10 * times), ("visits", 50 * times), ("notes", 50 * times), ("marks", 10));
        }

        await shop.LoadAsync(check, ("notes", 50 * times));
        await shop.AssertSoundAsync();
        var missing = await shop.CountAsync("SELECT FROM {visits} WHERE \"user\" IS NULL");
        Assert.InRange(missing, 100 * times * 0.2, 100 * times * 0.6);
    }

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task As_many_children_as_asked(ForeignKeyCheck check, int times)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "customers": {"columns": { <key> }, "rows_per_batch": 4 },
              "orders": {"columns": { <key>, "customer": <customers> }, "per_parent": {"min": 0, "max": 4} },
              "lines": {"columns": { "order": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "orders", "column": "id"}},
                "line": {"type": "INTEGER", "primary_key": true} }, "per_parent": 3 },
              "events": {"columns": { <key>, "order": <orders> }, "per_parent": {"distribution": "poisson", "mean": 2, "max": 9} } }
            """));
        var options = new Core.Loading.BatchOptions { Rows = new Dictionary<string, long> { ["customers"] = 4 * times }, RowsOfMetadata = true, ForeignKeyCheck = check, Seed = 1 };
        await shop.LoadAsync(options);
        await shop.LoadAsync(options with { ChunkSize = 50 * times });
        await shop.AssertSoundAsync();
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {orders} o WHERE 3 <> (SELECT count(*) FROM {lines} l WHERE l.order = o.id)"));
        Assert.Equal(0, await shop.CountAsync("SELECT FROM {lines} WHERE line NOT IN (1, 2, 3)"));
        Assert.Equal(0, await shop.CountAsync("SELECT customer FROM {orders} GROUP BY 1 HAVING count(*) > 4"));
        Assert.Equal(8 * times, await shop.CountAsync("SELECT FROM {customers}"));

        await shop.LoadAsync(check, ("lines", 10));
        await shop.AssertSoundAsync();
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1500)]
    public async Task By_set_alone_takes_a_key_that_is_a_reference_too(int rows)
    {
        await using var shop = await RelationDatabase.CreateAsync(postgres, Model("""
            { "users": {"columns": { <key> }},
              "profiles": {"columns": { "user": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "users", "column": "id"}} }} }
            """));
        var result = await shop.LoadAsync(ForeignKeyCheck.Set, ("users", rows), ("profiles", rows));
        Assert.Equal((ForeignKeyCheck.Set, "requested"), (result.ForeignKeyCheck, result.ForeignKeyCheckReason));
        await shop.AssertSoundAsync();
    }
}
