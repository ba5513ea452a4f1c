using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Sql;

/// <summary>Parameters of queries.</summary>
internal static class Parameter
{
    /// <summary>A parameter whose PostgreSQL type follows from the .NET type.</summary>
    public static NpgsqlParameter Of<TValue>(TValue value) => new NpgsqlParameter<TValue> { TypedValue = value };

    /// <summary>A parameter of a named type; null is NULL.</summary>
    public static NpgsqlParameter Of(object? value, NpgsqlDbType type) => new() { NpgsqlDbType = type, Value = value ?? DBNull.Value };

    /// <summary>A timestamp without time zone, the clock time as it stands.</summary>
    public static NpgsqlParameter Timestamp(DateTime? time) => Of(
        time is { } given ? DateTime.SpecifyKind(given, DateTimeKind.Unspecified) : null, NpgsqlDbType.Timestamp);

    /// <summary>A time (UTC) as a value of a column that holds times or days.</summary>
    public static NpgsqlParameter Time(ColumnModel column, DateTime time) => column.Type.Kind switch
    {
        ColumnKind.Timestamp => Timestamp(time),
        ColumnKind.TimestampTz => Of(DateTime.SpecifyKind(time, DateTimeKind.Utc), NpgsqlDbType.TimestampTz),
        ColumnKind.Date => Of(DateOnly.FromDateTime(time), NpgsqlDbType.Date),
        _ => throw new NotSupportedException($"Columns of type {column.Type.Kind} hold no time."),
    };
}
