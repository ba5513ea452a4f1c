namespace StreamingPg.Core.Model;

/// <summary>The types of columns that metadata may name.</summary>
public enum ColumnKind
{
    /// <summary>uuid</summary>
    Uuid,

    /// <summary>character varying(n)</summary>
    VarChar,

    /// <summary>integer</summary>
    Integer,

    /// <summary>numeric(p,s)</summary>
    Decimal,

    /// <summary>timestamp without time zone; holds UTC</summary>
    Timestamp,

    /// <summary>integer whose default is its own sequence</summary>
    Serial,
}
