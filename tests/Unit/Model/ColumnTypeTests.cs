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
    public void A_type_is_read_and_spelled_as_the_document_and_as_the_catalog_do(string text, string sql, string catalogName)
    {
        Assert.True(ColumnType.TryParse(text, out var type, out _));
        Assert.Equal(sql, type.ToSql());
        Assert.Equal(catalogName, type.ToCatalogName());
        Assert.True(ColumnType.TryParse(sql, out var again, out _));
        Assert.Equal(type, again);
    }

    [Fact]
    public void Every_kind_has_its_names() =>
        Assert.All(Enum.GetValues<ColumnKind>(), kind => Assert.NotEmpty(new ColumnType(kind).ToSql()));
}
