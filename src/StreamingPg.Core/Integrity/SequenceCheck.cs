using System.Diagnostics;
using Npgsql;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Integrity;

/// <summary>Whether the next value of a sequence lies beyond every value of its column.</summary>
internal static class SequenceCheck
{
    private const string Behind =
        "The next value of the sequence is not beyond all values of the column, so inserts will conflict. Use setval() to advance it.";

    private const string Missing = "The column has no sequence, so inserts without a value will fail.";

    /// <summary>The check of a column.</summary>
    public static CheckText TextOf(TableModel table, ColumnModel column) =>
        new($"{CheckKind.Sequence} {table.Name}.{column.Name}", IntegritySeverity.Error, Behind);

    /// <summary>Checks one column; the sample is the value that the sequence should have passed.</summary>
    public static async Task<IntegrityResult> CheckAsync(
        NpgsqlConnection session, string schema, TableModel table, ColumnModel column, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        SequenceState? sequence;
        try
        {
            sequence = await SequenceReader.FindAsync(session, schema, table.Name, column.Name, cancellationToken).ConfigureAwait(false);
        }
        catch (StreamingException error) when (error.Kind == StreamingErrorKind.PermissionDenied)
        {
            // A role that reads the tables may have no right on their sequences.
            return TextOf(table, column).Unknown(table.Name, error, Stopwatch.GetElapsedTime(start));
        }

        var farthest = sequence is null
            ? null
            : await FarthestAsync(session, Identifier.Quote(schema, table.Name), column, sequence, cancellationToken).ConfigureAwait(false);
        var text = TextOf(table, column) is var check && sequence is null ? check with { Detail = Missing } : check;
        string[] samples = farthest is { } value ? [$"{value}"] : [];
        var offends = sequence is null || farthest is not null;
        return text.Result(table.Name, offends ? 1 : 0, samples, Stopwatch.GetElapsedTime(start));
    }

    /// <summary>The farthest value of the column in the direction of the sequence; null when the sequence is beyond it.</summary>
    private static async Task<long?> FarthestAsync(
        NpgsqlConnection session, string table, ColumnModel column, SequenceState sequence, CancellationToken cancellationToken)
    {
        var (farthest, reached) = sequence.Increment > 0 ? ("max", ">=") : ("min", "<=");
        var name = Identifier.Quote(column.Name);
        await using var command = new NpgsqlCommand(
            $"SELECT {farthest}({name})::bigint FROM {table} HAVING {farthest}({name}) {reached} $1", session)
        {
            CommandTimeout = 0, // without an index the whole table is read
            Parameters = { new() { Value = sequence.NextValue } },
        };
        return (long?)await command.ReadValueAsync(cancellationToken).ConfigureAwait(false);
    }
}
