using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Whether the next value of a sequence lies beyond the largest value of its column.</summary>
internal static class SequenceCheck
{
    /// <summary>What the check of a sequence column is called and what a finding means.</summary>
    public static CheckText Text(TableModel table, ColumnModel column) => new(
        $"Sequence {table.Name}.{column.Name}",
        IntegritySeverity.Error,
        "The next value of the sequence is not beyond the largest value of the column: inserts will collide. Use setval().");

    /// <summary>What a finding means when the column has lost its sequence.</summary>
    public const string NoSequence = "No sequence gives values to the column: inserts without a value will fail.";

    /// <summary>The quoted name of the sequence that the column's default or identity uses; null when there is none.</summary>
    public static async Task<string?> FindSequenceAsync(
        NpgsqlConnection session, DatabaseConnection connection, TableModel table, ColumnModel column, CancellationToken cancellationToken)
    {
        // pg_get_serial_sequence knows only sequences that the column owns; a default may use another one.
        const string Sql = """
            SELECT coalesce(
                pg_get_serial_sequence($1, $2),
                (SELECT s.oid::regclass::text
                 FROM pg_attrdef d JOIN pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
                 JOIN pg_depend p ON p.classid = 'pg_attrdef'::regclass AND p.objid = d.oid AND p.refclassid = 'pg_class'::regclass
                 JOIN pg_class s ON s.oid = p.refobjid AND s.relkind = 'S'
                 WHERE d.adrelid = $1::regclass AND a.attname = $2 LIMIT 1))
            """;
        var command = new NpgsqlCommand(Sql, session);
        await using (command.ConfigureAwait(false))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = connection.Quote(table.Name) });
            command.Parameters.Add(new NpgsqlParameter { Value = column.Name });
            return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as string;
        }
    }

    /// <summary>The statement that compares column and sequence; the sample is the largest value.</summary>
    public static IntegrityQuery Query(DatabaseConnection connection, TableModel table, ColumnModel column, string sequence) =>
        new(table.Name, [Text(table, column)], $"""
            SELECT count(*), array_agg(largest::text)
            FROM (SELECT max({Identifier.Quote(column.Name)}) AS largest FROM {connection.Quote(table.Name)}) AS rows,
                 (SELECT last_value + CASE WHEN is_called THEN 1 ELSE 0 END AS next FROM {sequence}) AS sequence
            WHERE next <= largest
            """);
}
