using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Retention;

/// <summary>
/// The rows that unfinished batches have picked as parents of rows that they have yet to load, by their plans in the ledger: removed,
/// such a batch could never be completed.
/// </summary>
internal sealed class KeptParents(string schema, StreamModel model)
{
    private readonly Dictionary<string, HashSet<string>> _keys = new(StringComparer.Ordinal);
    private DateTime? _since;

    /// <summary>Asks for those of batches that began since they were read last, all of them the first time.</summary>
    /// <param name="commands">The round trip to ask with; in a transaction that removes rows it has the lock, so that none are being picked.</param>
    public void Ask(CommandBatch commands)
    {
        var ledger = Identifier.Quote(schema, LedgerTable.Name);
        commands.Query(
            $"""
            SELECT b.plan->'existing' FROM {ledger} AS b
            WHERE b.kind = '{LedgerKind.Batch}' AND b.part = 0 AND b.parts > 1 AND b.plan->'existing' IS NOT NULL AND ($1::timestamptz IS NULL OR b.committed_at >= $1)
              AND b.parts > (SELECT count(*) FROM {ledger} AS chunk WHERE chunk.batch_id = b.batch_id)
            """,
            row => Add(row.GetString(0)),
            Parameter.Of(_since, NpgsqlDbType.TimestampTz));

        // A row of the ledger carries the time at which it was written, and is seen when its transaction has been committed.
        commands.Query("SELECT now() - interval '1 hour'", row => _since = row.GetDateTime(0));
    }

    /// <summary>The condition under which no unfinished batch needs a row.</summary>
    /// <param name="table">The table.</param>
    /// <param name="alias">Its alias in the statement.</param>
    /// <param name="parameters">Gets the parameter of the condition, after those that are there.</param>
    public string IsFreeSql(TableModel table, string alias, List<NpgsqlParameter> parameters)
    {
        if (!_keys.TryGetValue(table.Name, out var keys))
        {
            return "true";
        }

        // As text: the metadata of the batch may have had another type for a column.
        parameters.Add(Parameter.Of(keys.ToArray()));
        var own = table.PrimaryKey.Select(column => $"{alias}.{Identifier.Quote(column)}::text").ToList();
        return $"{(own.Count == 1 ? own[0] : $"concat_ws(chr(31), {string.Join(", ", own)})")} <> ALL (${parameters.Count})";
    }

    private void Add(string existing)
    {
        using var document = JsonDocument.Parse(existing);
        foreach (var entry in document.RootElement.EnumerateObject())
        {
            if (model.Find(entry.Name) is not { PrimaryKey.Count: > 0 } table)
            {
                continue;
            }

            var places = table.PrimaryKey.Select(table.IndexOf).ToList();
            if (!_keys.TryGetValue(table.Name, out var keys))
            {
                _keys[table.Name] = keys = new(StringComparer.Ordinal);
            }

            keys.UnionWith(entry.Value.EnumerateArray()
                .Where(row => row.GetArrayLength() == table.Columns.Count)
                .Select(row => string.Join('\u001f', places.Select(place => row[place].ToString()))));
        }
    }
}
