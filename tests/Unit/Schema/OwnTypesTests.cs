using StreamingPg.Core.Metadata;
using StreamingPg.Core.Sql;

namespace StreamingPg.Tests.Unit.Schema;

/// <summary>Expressions of metadata name types of the model, which are in the schema of its tables.</summary>
public sealed class OwnTypesTests
{
    [Theory]
    [InlineData("'ok'::mood", "'ok'::\"other\".\"mood\"")]
    [InlineData("'ok'::streaming.mood", "'ok'::\"other\".\"mood\"")]
    [InlineData("'ok'::\"streaming\".\"mood\"", "'ok'::\"other\".\"mood\"")]
    [InlineData("ARRAY['ok'::MOOD]::mood[]", "ARRAY['ok'::\"other\".\"mood\"]::\"other\".\"mood\"[]")]
    [InlineData("CAST('ok' AS mood)", "CAST('ok' AS \"other\".\"mood\")")]
    [InlineData("'x'::\"Odd name\"", "'x'::\"other\".\"Odd name\"")]
    [InlineData("'it''s ::mood'::text", "'it''s ::mood'::text")]
    [InlineData("\"a::mood\" || 'x'::text", "\"a::mood\" || 'x'::text")]
    [InlineData("lower('X'::moody)", "lower('X'::moody)")]
    [InlineData("now()", "now()")]
    public void Casts_to_own_types_name_the_schema_of_the_tables(string expression, string expected)
    {
        var model = MetadataReader.Parse("""
            {"$types": {"mood": {"enum": ["ok"]}, "Odd name": {"domain": "TEXT"} },
             "t": {"columns": {"id": {"type": "UUID", "primary_key": true}, "m": {"type": "mood"}, "o": {"type": "Odd name"} } } }
            """);

        Assert.Equal(expected, OwnTypes.Qualify("other", expression, model.Tables[0].Columns.Select(column => column.Type)));
    }
}
