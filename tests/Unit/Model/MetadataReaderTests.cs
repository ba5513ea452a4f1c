using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Model;

public sealed class MetadataReaderTests
{
    [Fact]
    public void The_default_has_the_tables_of_the_original()
    {
        var model = MetadataReader.Default;

        Assert.Equal(
            [
                "users(user_id UUID, name VARCHAR(255), email VARCHAR(255), age INTEGER, city VARCHAR(255), registration_date TIMESTAMP) key user_id",
                "transactions(transaction_id UUID, user_id UUID, amount DECIMAL(10,2), transaction_date TIMESTAMP, status VARCHAR(50)) key transaction_id"
                    + " user_id->users.user_id",
                "detailed_transactions(id SERIAL, transaction_id UUID, user_id UUID, product_name VARCHAR(255), quantity INTEGER,"
                    + " unit_price DECIMAL(10,2), created_at TIMESTAMP) key id transaction_id->transactions.transaction_id user_id->users.user_id",
            ],
            model.Tables.Select(Describe));
        Assert.Equal("id", model.Table("detailed_transactions").SequenceColumn?.Name);
        Assert.Equal("User master data with UUID primary keys", model.Table("users").Description);
        Assert.Equal("Unique user identifier", model.Table("users").Column("user_id").Description);
        Assert.Same(model, MetadataReader.Default);
    }

    [Fact]
    public void A_composite_key_is_referred_to_by_several_columns_in_any_order()
    {
        var model = MetadataReader.Parse(
            """
            {
              "lines": {"columns": {
                "id": {"type": "SERIAL", "primary_key": true},
                "order_number": {"type": "INTEGER", "foreign_key": {"table": "orders", "column": "number"}},
                "order_shop": {"type": "UUID", "foreign_key": {"table": "orders", "column": "shop"}}}},
              "orders": {"columns": {
                "shop": {"type": "UUID", "primary_key": true},
                "number": {"type": "INTEGER", "primary_key": true}}}
            }
            """);

        Assert.Equal(["orders", "lines"], model.Tables.Select(table => table.Name));
        Assert.Equal(["shop", "number"], model.Table("orders").PrimaryKey);
        var key = Assert.Single(model.Table("lines").ForeignKeys);
        Assert.Equal(["order_number", "order_shop"], key.Columns);
        Assert.Equal(["number", "shop"], key.ParentColumns);
    }

    [Fact]
    public void Two_references_to_one_composite_key_are_two_foreign_keys()
    {
        var model = MetadataReader.Parse(
            """
            {
              "place": {"columns": {
                "country": {"type": "VARCHAR(2)", "primary_key": true},
                "code": {"type": "INTEGER", "primary_key": true}}},
              "parcel": {"columns": {
                "id": {"type": "UUID", "primary_key": true},
                "from_country": {"type": "VARCHAR(2)", "foreign_key": {"table": "place", "column": "country"}},
                "from_code": {"type": "INTEGER", "foreign_key": {"table": "place", "column": "code"}},
                "to_code": {"type": "INTEGER", "foreign_key": {"table": "place", "column": "code"}},
                "to_country": {"type": "VARCHAR(2)", "foreign_key": {"table": "place", "column": "country"}}}}
            }
            """);

        Assert.Equal(
            ["from_country,from_code->country,code", "to_code,to_country->code,country"],
            model.Table("parcel").ForeignKeys.Select(key =>
                $"{string.Join(',', key.Columns)}->{string.Join(',', key.ParentColumns)}"));
    }

    [Fact]
    public void Two_columns_may_refer_to_the_same_parent()
    {
        var model = MetadataReader.Parse(
            """
            {
              "people": {"columns": {"id": {"type": "UUID", "primary_key": true}}},
              "gifts": {"columns": {
                "giver": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "people", "column": "id"}},
                "taker": {"type": "UUID", "primary_key": true, "foreign_key": {"table": "people", "column": "id"}}}}
            }
            """);

        Assert.Equal(["giver", "taker"], model.Table("gifts").ForeignKeys.Select(key => Assert.Single(key.Columns)));
    }

    [Fact]
    public void An_integer_may_refer_to_a_serial_and_an_auto_increment_integer_is_a_serial()
    {
        var model = MetadataReader.Parse(
            """
            {
              "a": {"columns": {"id": {"type": "INTEGER", "primary_key": true, "auto_increment": true}}},
              "b": {"columns": {"id": {"type": "serial", "primary_key": true},
                                "a": {"type": "INT", "foreign_key": {"table": "a", "column": "id"}}}}
            }
            """);

        Assert.Equal("a(id SERIAL) key id", Describe(model.Table("a")));
        Assert.Equal("b(id SERIAL, a INTEGER) key id a->a.id", Describe(model.Table("b")));
        Assert.All(model.Tables, table => Assert.Equal("id", table.SequenceColumn?.Name));
    }

    [Fact]
    public void A_file_is_read_with_or_without_a_byte_order_mark()
    {
        var path = Path.GetTempFileName();
        try
        {
            const string json = """{"straße": {"columns": {"id": {"type": "UUID", "primary_key": true}}}}""";
            File.WriteAllText(path, json, new System.Text.UTF8Encoding(true));
            Assert.Equal("straße", MetadataReader.Load(path).Tables[0].Name);
            File.WriteAllText(path, json);
            Assert.Equal("straße", MetadataReader.Load(path).Tables[0].Name);

            File.WriteAllBytes(path, [(byte)'{', 0xFF, (byte)'}']);
            var error = Assert.Throws<StreamingException>(() => MetadataReader.Load(path));
            Assert.Equal(StreamingErrorKind.InvalidMetadata, error.Kind);
            Assert.Contains("not UTF-8", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var path = Path.Combine(Path.GetTempPath(), "no-such-folder", "metadata.json");

        var error = Assert.Throws<StreamingException>(() => MetadataReader.Load(path));

        Assert.Equal("MetadataNotFound", error.ErrorId);
        Assert.Equal(StreamingErrorKind.NotFound, error.Kind);
        Assert.Equal(path, error.Target);
    }

    [Fact]
    public void A_folder_is_not_a_file()
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Load(Path.GetTempPath()));

        Assert.Equal("MetadataUnreadable", error.ErrorId);
    }

    private static string Describe(TableModel table) =>
        $"{table.Name}({string.Join(", ", table.Columns.Select(column => $"{column.Name} {column.Type.ToSql()}"))})"
        + $" key {string.Join(',', table.PrimaryKey)}"
        + string.Concat(table.ForeignKeys.Select(key =>
            $" {string.Join(',', key.Columns)}->{key.ParentTable}.{string.Join(',', key.ParentColumns)}"));
}
