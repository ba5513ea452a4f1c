namespace StreamingPg.Core.Model;

/// <summary>The types of columns that metadata may name.</summary>
internal enum ColumnKind
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

    /// <summary>smallint</summary>
    SmallInteger,

    /// <summary>bigint</summary>
    BigInteger,

    /// <summary>smallint whose default is its own sequence</summary>
    SmallSerial,

    /// <summary>bigint whose default is its own sequence</summary>
    BigSerial,

    /// <summary>real: 4 bytes of floating point</summary>
    Real,

    /// <summary>double precision: 8 bytes of floating point</summary>
    DoublePrecision,

    /// <summary>boolean</summary>
    Boolean,

    /// <summary>character(n): text that is filled up with blanks</summary>
    Char,

    /// <summary>text</summary>
    Text,

    /// <summary>date</summary>
    Date,

    /// <summary>time without time zone</summary>
    Time,

    /// <summary>timestamp with time zone: an instant</summary>
    TimestampTz,

    /// <summary>interval: months, days and microseconds</summary>
    Interval,

    /// <summary>bytea: bytes</summary>
    Bytea,

    /// <summary>json: text as it was written</summary>
    Json,

    /// <summary>jsonb: JSON that is taken apart</summary>
    Jsonb,

    /// <summary>inet: a host with its network</summary>
    Inet,

    /// <summary>cidr: a network</summary>
    Cidr,

    /// <summary>macaddr: six bytes</summary>
    MacAddr,

    /// <summary>An enum of the model's own types.</summary>
    Enum,

    /// <summary>An array of another type.</summary>
    Array,

    /// <summary>A type whose values go to the server as text, which it reads itself: ranges, geometric types, XML and others.</summary>
    Literal,
}
