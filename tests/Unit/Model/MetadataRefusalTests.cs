using StreamingPg.Core.Metadata;

namespace StreamingPg.Tests.Unit.Model;

/// <summary>Metadata that cannot be used is refused with the place and the reason.</summary>
public sealed class MetadataRefusalTests
{
    private const string Key = """ "id": {"type": "UUID", "primary_key": true} """;
    private const string Users = $$$$"""  "users": {"columns": { {{{{Key}}}} }} """;

    [Theory]
    [InlineData("", "line 1, column 1", "not valid JSON")]
    [InlineData("{\n  \"a\": }", "line 2, column 8", "not valid JSON")]
    [InlineData("""{"a": 1,}""", "line 1, column 9", "not valid JSON")]
    [InlineData("[]", "metadata", "the document must be an object with one property per table, not an array")]
    [InlineData("null", "metadata", "not null")]
    [InlineData("{}", "metadata", "it has no tables")]
    public void A_document_that_is_no_metadata(string json, string place, string reason) => AssertRefused(json, place, reason);

    [Theory]
    [InlineData("""{"a": 5}""", "a", "the table must be an object with \"columns\", not a number")]
    [InlineData("""{"a": {}}""", "a", "the table has no \"columns\"")]
    [InlineData("""{"a": {"columns": []}}""", "a", "\"columns\" must be an object with one property per column, not an array")]
    [InlineData("""{"a": {"columns": {}}}""", "a", "the table has 0 columns")]
    [InlineData("""{"a": {"colums": {}}}""", "a", "the property \"colums\" is unknown. Did you mean \"columns\"?")]
    [InlineData("""{"a": {"columns": {"x": {"type": "UUID"}}}}""", "a", "the table has no primary key")]
    [InlineData("""{"a": {"keyless": true, "columns": {"x": {"type": "UUID", "primary_key": true}}}}""", "a", "the table is \"keyless\" and has a primary key")]
    [InlineData("""{"a": {"keyless": true, "retention": "30d", "columns": {"x": {"type": "TIMESTAMP"}}}}""", "a", "\"retention\" needs a primary key")]
    [InlineData("""{"": {"columns": {"x": {"type": "UUID"}}}}""", "metadata", "the name is empty")]
    [InlineData("""{"a\u0000b": {}}""", "a\0b", "NUL")]
    [InlineData("""{"a\ud800b": {}}""", "metadata", "is not a valid character")]
    [InlineData("""{"batch_ledger": {}}""", "batch_ledger", "the batch ledger uses this name")]
    [InlineData("""{"a": {"description": 1, "columns": {"x": {"type": "UUID", "primary_key": true}}}}""", "a", "\"description\" must be text, not a number")]
    public void A_table_that_is_none(string json, string place, string reason) => AssertRefused(json, place, reason);

    [Theory]
    [InlineData("""  "x": 1 """, "the column must be an object with \"type\", not a number")]
    [InlineData("""  "x": {} """, "the column has no \"type\"")]
    [InlineData("""  "x": {"type": 4} """, "\"type\" must be text, not a number")]
    [InlineData("""  "x": {"type": "CURRENCY"} """, "the type \"CURRENCY\" is unknown; known types are UUID, VARCHAR(n), INTEGER, DECIMAL(p,s), TIMESTAMP, SERIAL")]
    [InlineData("""  "x": {"type": ""} """, "is unknown")]
    [InlineData("""  "x": {"type": "VARCHAR(0)"} """, "the length of VARCHAR is 0, but it must be from 1 to 10485760")]
    [InlineData("""  "x": {"type": "VARCHAR(10485761)"} """, "the length of VARCHAR is 10485761")]
    [InlineData("""  "x": {"type": "VARCHAR(-1)"} """, "the length of VARCHAR is -1")]
    [InlineData("""  "x": {"type": "VARCHAR(n)"} """, "does not have the form VARCHAR(n)")]
    [InlineData("""  "x": {"type": "VARCHAR()"} """, "does not have the form VARCHAR(n)")]
    [InlineData("""  "x": {"type": "VARCHAR(5"} """, "does not have the form VARCHAR(n)")]
    [InlineData("""  "x": {"type": "VARCHAR(5) x"} """, "does not have the form VARCHAR(n)")]
    [InlineData("""  "x": {"type": "VARCHAR(99999999999)"} """, "does not have the form VARCHAR(n)")]
    [InlineData("""  "x": {"type": "VARCHAR(5,5)"} """, "at most 1 argument")]
    [InlineData("""  "x": {"type": "DECIMAL(0,0)"} """, "the precision of DECIMAL is 0, but it must be from 1 to 1000")]
    [InlineData("""  "x": {"type": "DECIMAL(1001,2)"} """, "the precision of DECIMAL is 1001")]
    [InlineData("""  "x": {"type": "DECIMAL(5,6)"} """, "the scale of DECIMAL is 6, but it must be from 0 to its precision, 5")]
    [InlineData("""  "x": {"type": "NUMERIC(5,-1)"} """, "the scale of DECIMAL is -1")]
    [InlineData("""  "x": {"type": "UUID(3)"} """, "the type UUID takes no arguments")]
    [InlineData("""  "x": {"type": "UUID", "primary_kee": true} """, "the property \"primary_kee\" is unknown. Did you mean \"primary_key\"?")]
    [InlineData("""  "x": {"type": "UUID", "zzz": true} """, "the property \"zzz\" is unknown. Known names: type, primary_key, foreign_key, auto_increment, description, max_length, identity, generated, default, nullable, ")]
    [InlineData("""  "x": {"type": "UUID", "primary_key": "yes"} """, "\"primary_key\" must be true or false, not text")]
    [InlineData("""  "x": {"type": "UUID", "type": "UUID"} """, "the property \"type\" occurs twice")]
    [InlineData("""  "x": {"type": "UUID", "auto_increment": true} """, "auto_increment needs an integer type, but the type is UUID. Use SERIAL.")]
    [InlineData("""  "x": {"type": "SERIAL", "auto_increment": false} """, "\"auto_increment\" is false")]
    [InlineData("""  "y": {"type": "SERIAL"}, "x": {"type": "SERIAL"} """, "the second auto_increment column of the table, after \"y\"")]
    [InlineData("""  "x": {"type": "UUID"}, "x": {"type": "UUID"} """, "the column \"x\" occurs twice")]
    [InlineData("""  "x": {"type": "UUID", "description": "a\u0000"} """, "NUL")]
    public void A_column_that_is_none(string columns, string reason) =>
        AssertRefused($$$$"""{"a": {"columns": { {{{{Key}}}}, {{{{columns}}}} }}}""", "a.x", reason);

    [Theory]
    [InlineData("\"users\"", "\"foreign_key\" is \"users\", but it must name a parent table and its column. Write it as \"table.column\".")]
    [InlineData("5", "\"foreign_key\" must be \"table.column\", or an object with \"table\" and \"column\", not a number")]
    [InlineData("""{"column": "id"}""", "\"foreign_key\" has no \"table\"")]
    [InlineData("""{"table": "users"}""", "\"foreign_key\" has no \"column\"")]
    [InlineData("""{"table": "users", "column": "id", "on_delete": "cascade"}""", "the property \"on_delete\" is unknown")]
    [InlineData("""{"table": "users", "column": "id", "shared_parent": "usually"}""", "\"shared_parent\" is \"usually\". Did you mean \"usual\"?")]
    [InlineData("""{"table": "usrs", "column": "id"}""", "it refers to table \"usrs\", which does not exist. Did you mean \"users\"?")]
    [InlineData("""{"table": "users", "column": "ID"}""", "it refers to column \"ID\" of table \"users\", which does not exist. Did you mean \"id\"?")]
    [InlineData("""{"table": "users", "column": "mail"}""", "nor part of the primary key. Refer to its primary key, id.")]
    [InlineData("""{"table": "pairs", "column": "left"}""", "the reference to table \"pairs\" lacks right of its primary key")]
    [InlineData("""{"table": "numbers", "column": "id"}""", "its type is UUID, but it refers to \"numbers\".\"id\", which is SERIAL. Use INTEGER.")]
    public void A_foreign_key_that_is_none(string foreignKey, string reason) => AssertRefused(
        $$$$"""
        {
          "a": {"columns": { {{{{Key}}}}, "x": {"type": "UUID", "foreign_key": {{{{foreignKey}}}} } }},
          "users": {"columns": { {{{{Key}}}}, "mail": {"type": "UUID"} }},
          "numbers": {"columns": {"id": {"type": "SERIAL", "primary_key": true}}},
          "pairs": {"columns": {"left": {"type": "UUID", "primary_key": true}, "right": {"type": "UUID", "primary_key": true}}}
        }
        """,
        "a.x",
        reason);

    [Fact]
    public void A_serial_that_refers() => AssertRefused(
        $$$$"""{ {{{{Users}}}}, "a": {"columns": {"x": {"type": "SERIAL", "primary_key": true, "foreign_key": {"table": "users", "column": "id"} } } } }""",
        "a.x",
        "its values come from a sequence");

    [Theory]
    [InlineData("INTEGER", "VARCHAR(20)")]
    [InlineData("DECIMAL(9,0)", "INTEGER")]
    [InlineData("TIMESTAMP", "TIMESTAMPTZ")]
    [InlineData("TEXT[]", "TEXT")]
    public void Types_that_cannot_be_compared(string own, string parent) => AssertRefused(
        $$$"""
        {
          "p": {"columns": {"id": {"type": "{{{parent}}}", "primary_key": true} } },
          "a": {"columns": {"x": {"type": "{{{own}}}", "primary_key": true, "foreign_key": {"table": "p", "column": "id"} } } }
        }
        """,
        "a.x",
        $"its type is {own}, but it refers to \"p\".\"id\", which is {parent}. Use {parent}.");

    [Fact]
    public void A_table_that_is_there_twice() =>
        AssertRefused($"{{ {Users}, {Users} }}", "users", "the table \"users\" occurs twice");

    [Fact]
    public void A_cycle_is_spelled_out_without_the_tables_that_lead_to_it() => AssertRefused(
        $$$$"""
        {
          {{{{Users}}}},
          "leads": {"columns": { {{{{Key}}}}, "b": {"type": "UUID", "foreign_key": {"table": "b", "column": "id"}} }},
          "b": {"columns": { {{{{Key}}}}, "u": {"type": "UUID", "foreign_key": {"table": "users", "column": "id"}},
                             "c": {"type": "UUID", "foreign_key": {"table": "c", "column": "id"}} }},
          "c": {"columns": { {{{{Key}}}}, "b": {"type": "UUID", "foreign_key": {"table": "b", "column": "id"}} }}
        }
        """,
        "b.c",
        "the foreign keys form a cycle: b -> c -> b");

    [Fact]
    public void A_name_of_more_bytes_than_PostgreSQL_keeps()
    {
        var name = new string('ä', 32);
        AssertRefused($$$$"""{"{{{{name}}}}": {"columns": { {{{{Key}}}} }}}""", name, "the name has 64 bytes, but PostgreSQL allows only 63");
        AssertRefused($$$$"""{"a": {"columns": { {{{{Key}}}}, "{{{{name}}}}": {"type": "UUID"} }}}""", $"a.{name}", "64 bytes");
        Assert.NotNull(MetadataReader.Parse($$$$"""{"{{{{name[1..]}}}}x": {"columns": { {{{{Key}}}} }}}"""));
    }

    [Fact]
    public void A_name_that_PostgreSQL_keeps_for_itself() =>
        AssertRefused($$$$"""{"a": {"columns": { {{{{Key}}}}, "xmin": {"type": "UUID"} }}}""", "a.xmin", "PostgreSQL reserves this name");

    [Fact]
    public void More_columns_than_PostgreSQL_takes()
    {
        var columns = Enumerable.Range(0, 1601).Select(i => $$$$"""  "c{{{{i}}}}": {"type": "UUID", "primary_key": true} """).ToList();
        AssertRefused($$$$"""{"a": {"columns": { {{{{string.Join(',', columns)}}}} }}}""", "a", "1601 columns");
        AssertRefused($$$$"""{"a": {"columns": { {{{{string.Join(',', columns.Take(33))}}}} }}}""", "a", "the primary key has 33 columns");
    }

    private static void AssertRefused(string json, string place, string reason)
    {
        var error = Assert.Throws<StreamingException>(() => MetadataReader.Parse(json));
        Assert.Equal("InvalidMetadata", error.ErrorId);
        Assert.Equal(StreamingErrorKind.InvalidMetadata, error.Kind);
        Assert.Equal(place, error.Target);
        Assert.Contains(reason, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("metadata", error.Message, StringComparison.Ordinal);
    }
}
