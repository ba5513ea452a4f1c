using StreamingPg.Core.Keys;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>Which column says when a row came about, and by which one it gets old.</summary>
public sealed class RowTimeTests
{
    [Theory]
    [InlineData("birth_date TIMESTAMP, created_at TIMESTAMP", "created_at", "created_at")]
    [InlineData("birth_date TIMESTAMP", null, null)]
    [InlineData("BirthDate DATE, hired DATE", null, "hired")]
    [InlineData("updated_at TIMESTAMPTZ, order_date TIMESTAMP", "order_date", "order_date")]
    [InlineData("order_date TIMESTAMP, created_at TIMESTAMPTZ", "created_at", "created_at")]
    [InlineData("seen TIMESTAMP, logged TIMESTAMP = now()", "logged", "logged")]
    [InlineData("seen TIMESTAMP, last_update TIMESTAMP = CURRENT_TIMESTAMP", "seen", "seen")]
    [InlineData("create_date DATE, last_update TIMESTAMPTZ = now()", "last_update", "create_date")]
    [InlineData("expires_at TIMESTAMP", null, "expires_at")]
    [InlineData("due_date DATE, sent TIMESTAMP", "sent", "sent")]
    [InlineData("rental_date TIMESTAMP, return_date TIMESTAMP, last_update TIMESTAMP = now()", "rental_date", "rental_date")]
    [InlineData("updated_at TIMESTAMP", "updated_at", "updated_at")]
    [InlineData("reborn_at TIMESTAMP, lastname_at TIMESTAMP", "reborn_at", "reborn_at")]
    [InlineData("name VARCHAR(9)", null, null)]
    public void The_time_of_a_row(string columns, string? expected, string? byWhichItAges)
    {
        var json = string.Join(", ", columns.Split(", ").Select(text => text.Split(' ')).Select(words =>
            $$""" "{{words[0]}}": { "type": "{{words[1]}}" {{(words.Length > 2 ? $$""", "default": {"sql": "{{words[3]}}"}""" : "")}} }"""));
        var table = MetadataReader.Parse($$"""{ "t": { "columns": { "id": { "type": "UUID", "primary_key": true }, {{json}} } } }""").Table("t");

        Assert.Equal(expected, RowTimestamp.Of(table)?.Name);
        Assert.Equal(byWhichItAges, RowTimestamp.OrDayOf(table)?.Name);
    }
}
