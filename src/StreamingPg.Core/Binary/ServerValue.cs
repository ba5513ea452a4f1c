using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Values of columns as the driver sends and reads them in ordinary statements: as they are where it knows the type, else as text
/// (sent) or as the bytes of their field (read).
/// </summary>
internal static class ServerValue
{
    /// <summary>True when values go as text, which the statement must cast to the type.</summary>
    /// <remarks>The driver knows numeric, but not those that are larger, or finer, than .NET's decimal can be.</remarks>
    public static bool IsSentAsText(ColumnType type) => type.WithoutSequence().Kind is not (
        ColumnKind.Uuid or ColumnKind.SmallInteger or ColumnKind.Integer or ColumnKind.BigInteger or ColumnKind.VarChar or ColumnKind.Text
        or ColumnKind.Char or ColumnKind.Timestamp or ColumnKind.TimestampTz or ColumnKind.Boolean or ColumnKind.DoublePrecision);

    /// <summary>A parameter with several values.</summary>
    /// <param name="type">Their type.</param>
    /// <param name="values">Values as <see cref="FieldCodec.Read"/> gives them; null is NULL.</param>
    public static NpgsqlParameter Array(ColumnType type, IReadOnlyList<object?> values) => type.WithoutSequence().Kind switch
    {
        ColumnKind.Uuid => Array<Guid?>(values, NpgsqlDbType.Uuid),
        ColumnKind.SmallInteger => Array<short?>(values, NpgsqlDbType.Smallint),
        ColumnKind.Integer => Array<int?>(values, NpgsqlDbType.Integer),
        ColumnKind.BigInteger => Array<long?>(values, NpgsqlDbType.Bigint),
        ColumnKind.VarChar or ColumnKind.Text or ColumnKind.Char => Array<string?>(values, NpgsqlDbType.Text),
        ColumnKind.Timestamp => Timestamps(values, NpgsqlDbType.Timestamp),
        ColumnKind.TimestampTz => Timestamps(values, NpgsqlDbType.TimestampTz),
        ColumnKind.Boolean => Array<bool?>(values, NpgsqlDbType.Boolean),
        ColumnKind.DoublePrecision => Array<double?>(values, NpgsqlDbType.Double),
        _ => Array<string?>([.. values.Select(value => value is null ? null : ValueText.Of(value))], NpgsqlDbType.Text),
    };

    /// <summary>True when a column is read as the bytes of its field: the driver refuses, or rounds, some values of these types.</summary>
    private static bool IsReadAsBytes(ColumnType type) =>
        IsSentAsText(type) || type.WithoutSequence().Kind is ColumnKind.Timestamp or ColumnKind.TimestampTz;

    /// <summary>SQL that gives a column as <see cref="Read"/> takes it.</summary>
    /// <param name="type">Type of the column.</param>
    /// <param name="column">SQL of the column.</param>
    public static string SelectSql(ColumnType type, string column) =>
        IsReadAsBytes(type) ? BinaryType.SendSql(type, column)
        : type.UserType?.Base is { } over ? $"({column})::{Below(over).ToCatalogName()}" // the driver may not know the type
        : column;

    private static ColumnType Below(ColumnType type) => type.UserType?.Base is { } over ? Below(over) : type;

    /// <summary>The value of a column that was requested by <see cref="SelectSql"/>.</summary>
    public static object? Read(NpgsqlDataReader row, int ordinal, ColumnType type) =>
        row.IsDBNull(ordinal) ? null
        : IsReadAsBytes(type) ? FieldCodec.Read(type, row.GetFieldValue<byte[]>(ordinal))
        : row.GetValue(ordinal);

    /// <summary>As microseconds, which the driver takes for what DateTime cannot be too.</summary>
    private static NpgsqlParameter<long?[]> Timestamps(IReadOnlyList<object?> values, NpgsqlDbType type) =>
        Array<long?>([.. values.Select(value => value is null ? null : (object?)TimeConverter.ToTimestamp(value))], type);

    private static NpgsqlParameter<TValue[]> Array<TValue>(IReadOnlyList<object?> values, NpgsqlDbType type) => new()
    {
        TypedValue = [.. values.Select(value => (TValue)value!)],
        NpgsqlDbType = NpgsqlDbType.Array | type,
    };
}
