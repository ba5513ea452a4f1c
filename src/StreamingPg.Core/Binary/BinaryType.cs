using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>What the server calls the types whose binary representation we write and read.</summary>
/// <remarks>Source: pg_type.dat of PostgreSQL 15. Oids of built-in types never change.</remarks>
internal static class BinaryType
{
    /// <summary>
    /// The oid that stands in an array before its elements. Enums and domains have another in every database, so none is given:
    /// since PostgreSQL 14, array_recv compares oids of built-in types only.
    /// </summary>
    public static uint Oid(ColumnType type) => type.Kind == ColumnKind.Literal ? TextOid : type.UserType is not null ? 0 : Of(type.WithoutSequence().Kind).Oid;

    private const uint TextOid = 25;

    /// <summary>SQL that gives a value as the bytes of its field.</summary>
    /// <param name="type">Type of the value.</param>
    /// <param name="value">SQL of the value.</param>
    public static string SendSql(ColumnType type, string value) => type.Kind is ColumnKind.Enum or ColumnKind.Literal
        ? $"pg_catalog.convert_to({value}::text, 'UTF8')" // enum_send takes no domain over an enum
        : type.IsLiteral ? $"pg_catalog.array_send({value}::text[])"
        : $"pg_catalog.{Of(type.WithoutSequence().Kind).Send}({value})";

    private static (uint Oid, string Send) Of(ColumnKind kind) => kind switch
    {
        ColumnKind.Uuid => (2950, "uuid_send"),
        ColumnKind.VarChar => (1043, "varcharsend"),
        ColumnKind.Char => (1042, "bpcharsend"),
        ColumnKind.Text => (25, "textsend"),
        ColumnKind.SmallInteger => (21, "int2send"),
        ColumnKind.Integer => (23, "int4send"),
        ColumnKind.BigInteger => (20, "int8send"),
        ColumnKind.Decimal => (1700, "numeric_send"),
        ColumnKind.Real => (700, "float4send"),
        ColumnKind.DoublePrecision => (701, "float8send"),
        ColumnKind.Boolean => (16, "boolsend"),
        ColumnKind.Date => (1082, "date_send"),
        ColumnKind.Time => (1083, "time_send"),
        ColumnKind.Timestamp => (1114, "timestamp_send"),
        ColumnKind.TimestampTz => (1184, "timestamptz_send"),
        ColumnKind.Interval => (1186, "interval_send"),
        ColumnKind.Bytea => (17, "byteasend"),
        ColumnKind.Json => (114, "json_send"),
        ColumnKind.Jsonb => (3802, "jsonb_send"),
        ColumnKind.Inet => (869, "inet_send"),
        ColumnKind.Cidr => (650, "cidr_send"),
        ColumnKind.MacAddr => (829, "macaddr_send"),
        ColumnKind.Enum => (0, "convert_to"),
        ColumnKind.Array => (0, "array_send"),
        _ => throw new NotSupportedException($"Columns of type {kind} have no binary representation."),
    };
}
