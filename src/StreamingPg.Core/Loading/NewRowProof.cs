using System.Text;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Proves the rows that a large part wrote, by one query per table that looks at these rows and at the parents they may have,
/// found by their keys (where these are no range, the server's count of inserted rows must do): that all of them are there, that every foreign key has its parent, and that shared ancestors agree. Its
/// cost grows with the part, not with the table.
/// </summary>
internal sealed class NewRowProof
{
    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly ForeignKeyCheck _check;
    private readonly InsertCounter _inserted;
    private readonly ProofFindings _findings;

    public NewRowProof(string schema, BatchPlan plan, BatchGenerator generator, ForeignKeyCheck check, InsertCounter inserted, ProofFindings findings)
    {
        _schema = schema;
        _plan = plan;
        _generator = generator;
        _check = check;
        _inserted = inserted;
        _findings = findings;
    }

    /// <summary>Asks the server for the proof.</summary>
    public void Ask(RoundTrip trip)
    {
        // Statistics know nothing of rows of this transaction: left alone, the planner would look up a million parents one by
        // one, or compile a query that runs for milliseconds.
        trip.Add("SET LOCAL plan_cache_mode = force_custom_plan");
        trip.Add("SET LOCAL enable_nestloop = off");
        trip.Add("SET LOCAL work_mem = '128MB'");
        trip.Add("SET LOCAL jit = off");
        foreach (var table in _plan.Model.Tables.Where(table => _generator.Rows(table).Count > 0))
        {
            var expected = _generator.Rows(table).Count;
            if (!NewRowKeys.CanBeRange(table))
            {
                _inserted.Count(trip, table, count => _findings.JudgeCount(table, expected, count));
                continue;
            }

            var meanings = new List<string>();
            var parameters = new List<NpgsqlParameter>();
            var sql = RangeSql(table, parameters, meanings);
            trip.Query(sql, row => _findings.Judge(table, expected, meanings, row), [.. parameters]);
        }
    }

    private string RangeSql(TableModel table, List<NpgsqlParameter> parameters, List<string> meanings)
    {
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        foreach (var key in ProvenKey.Of(_plan.Model, table, _check))
        {
            // A parent whose keys are no range forces checks by row: the triggers have proven this key.
            if (NewRowKeys.CanBeRange(_plan.Model.Table(key.ForeignKey.ParentTable)))
            {
                joins.Append($" LEFT JOIN ({ParentsSql(key, parameters)}) AS {key.Alias} ON {key.JoinCondition}");
                counts.Append(key.OffendingCounts);
                meanings.AddRange(key.Findings);
            }
        }

        return $"SELECT {counts} FROM {Identifier.Quote(_schema, table.Name)} AS {ProvenKey.ChildAlias}{joins} "
            + $"WHERE {InRange(ProvenKey.ChildAlias, table, _generator.Rows(table), parameters)}";
    }

    /// <summary>The parents that new rows may have: new ones by their range, existing ones by their keys.</summary>
    private string ParentsSql(ProvenKey key, List<NpgsqlParameter> parameters)
    {
        var parent = _plan.Model.Table(key.ForeignKey.ParentTable);
        var select = $"SELECT {Identifier.QuoteList(key.ParentColumns)} FROM {Identifier.Quote(_schema, parent.Name)} AS p";
        var sources = new List<string>();
        if (_generator.RowsToReferTo(parent) is { Count: > 0 } rows)
        {
            sources.Add($"{select} WHERE {InRange("p", parent, rows, parameters)}");
        }

        if (_generator.Table(parent.Name).Existing is { Count: > 0 } existing)
        {
            parameters.Add(new NpgsqlParameter { Value = existing.Keys() });
            sources.Add($"{select} WHERE p.{Identifier.Quote(parent.PrimaryKey[0])} = ANY (${parameters.Count})");
        }

        return string.Join(" UNION ALL ", sources);
    }

    private string InRange(string alias, TableModel table, RowRange rows, List<NpgsqlParameter> parameters)
    {
        var keys = NewRowKeys.Of(_generator.Table(table.Name), rows);
        parameters.Add(new NpgsqlParameter { Value = keys.First });
        parameters.Add(new NpgsqlParameter { Value = keys.Last });
        return $"{alias}.{Identifier.Quote(keys.Column)} BETWEEN ${parameters.Count - 1} AND ${parameters.Count}";
    }
}
