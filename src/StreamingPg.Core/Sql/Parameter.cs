using Npgsql;
using NpgsqlTypes;

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
}
