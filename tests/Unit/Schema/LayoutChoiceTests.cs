using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;

namespace StreamingPg.Tests.Unit.Schema;

/// <summary>How Citus is to distribute tables.</summary>
public sealed class LayoutChoiceTests
{
    private static readonly LayoutOptions Distributed = new() { Distributed = true };

    [Fact]
    public void Rows_that_belong_together_are_distributed_by_the_key_to_which_most_refer_and_lists_are_everywhere()
    {
        var model = LayoutChoice.Make(MetadataReader.Parse(
            """
            {
              "countries": {"columns": {"code": {"type": "VARCHAR(2)", "primary_key": true}}},
              "customers": {"columns": {
                "id": {"type": "UUID", "primary_key": true},
                "country": {"type": "VARCHAR(2)", "foreign_key": {"table": "countries", "column": "code"}}}},
              "orders": {"columns": {
                "number": {"type": "UUID", "primary_key": true},
                "customer": {"type": "UUID", "nullable": false, "foreign_key": {"table": "customers", "column": "id"}}}},
              "lines": {"columns": {
                "id": {"type": "SERIAL", "primary_key": true},
                "customer": {"type": "UUID", "nullable": false, "foreign_key": {"table": "customers", "column": "id"}},
                "number": {"type": "UUID", "foreign_key": {"table": "orders", "column": "number"}}}}
            }
            """), Distributed);

        Assert.Equal(
            ["countries reference table", "customers distributed by id", "orders distributed by customer", "lines distributed by customer"],
            model.Tables.Select(table => $"{table.Name} {table.Layout.Describe()}"));
        Assert.Equal([null, null, "customers", "customers"], model.Tables.Select(table => table.Layout.Distribution!.ColocateWith));
    }

    [Theory]
    [InlineData("lines", """ "lines": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "number": {"type": "UUID", "foreign_key": {"table": "orders", "column": "number"}}}} """)]
    [InlineData("notes", """ "notes": {"columns": {"id": {"type": "SERIAL", "primary_key": true}, "customer": {"type": "UUID", "nullable": true, "foreign_key": {"table": "customers", "column": "id"}}}} """)]
    public void Rows_that_would_be_on_another_server_than_those_to_which_they_refer_are_refused(string table, string metadata)
    {
        var model = MetadataReader.Parse(
            """
            {
              "customers": {"columns": {"id": {"type": "UUID", "primary_key": true}}},
              "orders": {"columns": {
                "number": {"type": "UUID", "primary_key": true},
                "customer": {"type": "UUID", "nullable": false, "foreign_key": {"table": "customers", "column": "id"}}}},
              "bills": {"columns": {
                "number": {"type": "UUID", "primary_key": true},
                "customer": {"type": "UUID", "nullable": false, "foreign_key": {"table": "customers", "column": "id"}}}},
              OTHER
            }
            """.Replace("OTHER", metadata, StringComparison.Ordinal));

        var error = Assert.Throws<StreamingException>(() => LayoutChoice.Make(model, Distributed));

        Assert.Equal((ErrorIds.LayoutNotPossible, table), (error.ErrorId, error.Target));
        Assert.Contains("a required foreign key to \"customers\"", error.Remedy, StringComparison.Ordinal);
    }
}
