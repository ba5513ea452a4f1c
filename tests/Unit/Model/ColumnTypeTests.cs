using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Model;

public sealed class ColumnTypeTests
{
    [Theory]
    [InlineData("UUID", "UUID", "uuid")]
    [InlineData("varchar(255)", "VARCHAR(255)", "character varying(255)")]
    [InlineData("VARCHAR", "VARCHAR", "character varying")]
    [InlineData(" VarChar ( 50 ) ", "VARCHAR(50)", "character varying(50)")]
    [InlineData("INTEGER", "INTEGER", "integer")]
    [InlineData("int", "INTEGER", "integer")]
    [InlineData("DECIMAL(10,2)", "DECIMAL(10,2)", "numeric(10,2)")]
    [InlineData("numeric( 10 , 2 )", "DECIMAL(10,2)", "numeric(10,2)")]
    [InlineData("DECIMAL(7)", "DECIMAL(7,0)", "numeric(7,0)")]
    [InlineData("DECIMAL", "DECIMAL", "numeric")]
    [InlineData("timestamp", "TIMESTAMP", "timestamp without time zone")]
    [InlineData("Serial", "SERIAL", "integer")]
    [InlineData("smallint", "SMALLINT", "smallint")]
    [InlineData("int8", "BIGINT", "bigint")]
    [InlineData("bigserial", "BIGSERIAL", "bigint")]
    [InlineData("SmallSerial", "SMALLSERIAL", "smallint")]
    [InlineData("real", "REAL", "real")]
    [InlineData("double  precision", "DOUBLE PRECISION", "double precision")]
    [InlineData("bool", "BOOLEAN", "boolean")]
    [InlineData("char", "CHAR(1)", "character(1)")]
    [InlineData("character(7)", "CHAR(7)", "character(7)")]
    [InlineData("bpchar", "BPCHAR", "bpchar")]
    [InlineData("character varying(10)", "VARCHAR(10)", "character varying(10)")]
    [InlineData("text", "TEXT", "text")]
    [InlineData("date", "DATE", "date")]
    [InlineData("time", "TIME", "time without time zone")]
    [InlineData("time(3) without time zone", "TIME(3)", "time(3) without time zone")]
    [InlineData("timestamp(0) with time zone", "TIMESTAMPTZ(0)", "timestamp(0) with time zone")]
    [InlineData("timestamp with time zone", "TIMESTAMPTZ", "timestamp with time zone")]
    [InlineData("interval", "INTERVAL", "interval")]
    [InlineData("interval(2)", "INTERVAL(2)", "interval(2)")]
    [InlineData("bytea", "BYTEA", "bytea")]
    [InlineData("json", "JSON", "json")]
    [InlineData("jsonb", "JSONB", "jsonb")]
    [InlineData("inet", "INET", "inet")]
    [InlineData("cidr", "CIDR", "cidr")]
    [InlineData("macaddr", "MACADDR", "macaddr")]
    [InlineData("text[]", "TEXT[]", "text[]")]
    [InlineData("numeric(8, 3) []", "DECIMAL(8,3)[]", "numeric(8,3)[]")]
    [InlineData("timestamp(3) without time zone[]", "TIMESTAMP(3)[]", "timestamp(3) without time zone[]")]
    public void A_type_is_read_and_spelled_as_the_document_and_as_the_catalog_do(string text, string sql, string catalogName)
    {
        Assert.True(ColumnType.TryParse(text, out var type, out _));
        Assert.Equal(sql, type.ToSql());
        Assert.Equal(catalogName, type.ToCatalogName());
        Assert.True(ColumnType.TryParse(sql, out var again, out _));
        Assert.Equal(type, again);
    }

    [Theory]
    [InlineData("TEXT[][]", "only arrays of one dimension")]
    [InlineData("SERIAL[]", "SERIAL takes its values from a sequence")]
    [InlineData("[]", "is unknown")]
    [InlineData("TIMESTAMP(7)", "it must be from 0 to 6")]
    [InlineData("CHAR(0)", "the length of CHAR is 0")]
    [InlineData("TEXT(5)", "the type TEXT takes no arguments")]
    [InlineData("mood", "known types are UUID")]
    public void What_is_no_type_is_refused_with_the_reason(string text, string expected)
    {
        Assert.False(ColumnType.TryParse(text, out _, out var reason));
        Assert.Contains(expected, reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_type_of_the_document_goes_by_its_name()
    {
        var mood = new UserTypeModel { Name = "Mood", Labels = ["sad", "ok"] };
        Assert.True(ColumnType.TryParse("varchar(5)", out var over, out _));
        var code = new UserTypeModel { Name = "code", Base = over };

        Assert.True(ColumnType.TryParse(" Mood ", [mood, code], out var type, out _));
        Assert.Equal((ColumnKind.Enum, "Mood", "Mood"), (type.Kind, type.ToSql(), type.ToCatalogName()));
        Assert.True(ColumnType.TryParse("code[]", [mood, code], out var array, out _));
        Assert.Equal((ColumnKind.Array, ColumnKind.VarChar, 5, "code[]"), (array.Kind, array.Element!.Kind, array.Element.Length, array.ToCatalogName()));
        Assert.False(ColumnType.TryParse("mood", [mood, code], out _, out var reason));
        Assert.EndsWith("the types of \"$types\": Mood, code", reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("VARCHAR(255)", "VARCHAR(400)", true)]
    [InlineData("VARCHAR(255)", "VARCHAR(254)", false)]
    [InlineData("VARCHAR(255)", "TEXT", true)]
    [InlineData("TEXT", "VARCHAR(255)", false)]
    [InlineData("TEXT", "VARCHAR", true)]
    [InlineData("CHAR(3)", "VARCHAR(3)", true)]
    [InlineData("VARCHAR(3)", "CHAR(3)", false)]
    [InlineData("DECIMAL(10,2)", "DECIMAL(12,2)", true)]
    [InlineData("DECIMAL(10,2)", "DECIMAL(12,4)", true)]
    [InlineData("DECIMAL(10,2)", "DECIMAL(11,4)", false)]
    [InlineData("DECIMAL(10,2)", "DECIMAL(12,1)", false)]
    [InlineData("DECIMAL(10,2)", "DECIMAL", true)]
    [InlineData("DECIMAL", "DECIMAL(12,2)", false)]
    [InlineData("SMALLINT", "INTEGER", true)]
    [InlineData("SERIAL", "BIGINT", true)]
    [InlineData("BIGINT", "INTEGER", false)]
    [InlineData("INTEGER", "TEXT", false)]
    [InlineData("REAL", "DOUBLE PRECISION", true)]
    [InlineData("DOUBLE PRECISION", "REAL", false)]
    [InlineData("TIMESTAMP(0)", "TIMESTAMP", true)]
    [InlineData("TIMESTAMP", "TIMESTAMP(3)", false)]
    [InlineData("TIMESTAMP", "TIMESTAMPTZ", false)]
    [InlineData("INTEGER[]", "BIGINT[]", false)]
    [InlineData("UUID", "UUID", true)]
    public void A_wider_type_holds_the_values_of_a_narrower_one(string narrower, string wider, bool holds)
    {
        Assert.True(ColumnType.TryParse(narrower, out var from, out _));
        Assert.True(ColumnType.TryParse(wider, out var to, out _));

        Assert.Equal(holds, to.Holds(from));
    }
}
