using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>The default tables are metadata like anybody's.</summary>
public sealed class DefaultMetadataTests
{
    [Fact]
    public void A_batch_has_the_rows_that_the_metadata_says()
    {
        var rows = BatchRows.Of(MetadataReader.Default, BatchRows.Asked(MetadataReader.Default, named: null), seed: 1);

        Assert.Equal(
            new Dictionary<string, long> { ["users"] = 10, ["transactions"] = 30, ["detailed_transactions"] = 100 },
            rows.ToDictionary());
    }

    [Fact]
    public void A_short_name_is_a_name_of_a_table()
    {
        var model = MetadataReader.Default;

        Assert.Equal(
            BatchRows.Asked(model, new Dictionary<string, long> { [DefaultTables.Users] = 7, [DefaultTables.Details] = 0 }),
            BatchRows.Asked(
                model, named: null, (DefaultTables.Users, "-Users", 7), (DefaultTables.Transactions, "-Transactions", null), (DefaultTables.Details, "-Details", 0)));
        Assert.Equal("RowsAskedTwice", Assert.Throws<StreamingException>(
            () => BatchRows.Asked(model, new Dictionary<string, long> { [DefaultTables.Users] = 7 }, (DefaultTables.Users, "-Users", 7))).ErrorId);
    }

    [Fact]
    public void Its_tables_have_the_names_that_the_shop_reports_use() => Assert.Equal(
        [DefaultTables.Users, DefaultTables.Transactions, DefaultTables.Details], MetadataReader.Default.Tables.Select(table => table.Name));
}
