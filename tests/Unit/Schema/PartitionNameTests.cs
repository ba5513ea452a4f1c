using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;

namespace StreamingPg.Tests.Unit.Schema;

/// <summary>Partitions whose names are taken are refused before anything is created.</summary>
public sealed class PartitionNameTests
{
    [Theory]
    [InlineData("event", "event_other", "as the table \"event_other\" is")]
    [InlineData("a_table_whose_name_is_just_as_long_as_postgresql_takes_them_one", "a_table_whose_name_is_just_as_long_as_postgresql_takes_them_two", "as a partition of \"a_table_whose_name_is_just_as_long_as_postgresql_takes_them_one\" is")]
    public void Two_objects_of_one_name_are_refused(string first, string second, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => LayoutChoice.RequireNames(MetadataReader.Parse(Tables(first, second))));

        Assert.Equal(ErrorIds.LayoutNotPossible, error.ErrorId);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.Contains("Rename one of the two tables", error.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_that_differ_are_not() => LayoutChoice.RequireNames(MetadataReader.Parse(Tables("event", "event_log")));

    private static string Tables(params string[] names) => $"{{ {string.Join(", ", names.Select(name =>
        $$"""
        "{{name}}": { "partition": "month", "columns": { "id": { "type": "UUID", "primary_key": true }, "created_at": { "type": "TIMESTAMP" } } }
        """))} }}";
}
