using System.Text;
using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Proves the rows that a part wrote, by one query per table that looks at these rows and at the parents they may have, found by
/// their keys: that all of them are there, that every foreign key has its parent, and that shared ancestors agree. Its cost
/// grows with the part, not with the table.
/// </summary>
internal sealed class NewRowProof
{
    private const int LargePart = 20_000;

    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;
    private readonly List<StreamingException> _violations = [];

    public NewRowProof(string schema, BatchPlan plan, BatchGenerator generator)
    {
        _schema = schema;
        _plan = plan;
        _generator = generator;
    }

    /// <summary>Rows per table that the part has made, which the proof holds against what the server has.</summary>
    public IReadOnlyDictionary<string, long> Rows =>
        Written.ToDictionary(table => table.Name, table => _generator.Rows(table).Count, StringComparer.Ordinal);

    private IEnumerable<TableModel> Written => _plan.Model.Tables.Where(table => _generator.Rows(table).Count > 0);

    /// <summary>Asks the server for the proof.</summary>
    public void Ask(RoundTrip trip)
    {
        if (Written.Sum(table => _generator.Rows(table).Count) >= LargePart)
        {
            // Statistics know nothing of rows of this transaction: left alone, the planner would look up a million parents one
            // by one, or compile a query that runs for milliseconds.
            trip.Add("SET LOCAL enable_nestloop = off");
            trip.Add("SET LOCAL work_mem = '128MB'");
            trip.Add("SET LOCAL jit = off");
        }

        foreach (var table in Written)
        {
            Ask(trip, table);
        }
    }

    /// <summary>Once the answers are there: throws when the proof failed.</summary>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public void ThrowIfViolated()
    {
        if (_violations.Count > 0)
        {
            throw _violations[0];
        }
    }

    private void Ask(RoundTrip trip, TableModel table)
    {
        var findings = new List<string>();
        var parameters = new List<NpgsqlParameter>();
        var sql = NewRowKeys.CanBeRange(table) ? RangeSql(table, parameters, findings) : CountSql(table);
        trip.Query(sql, row => Judge(table, row, findings), [.. parameters]);
    }

    private void Judge(TableModel table, NpgsqlDataReader row, List<string> findings)
    {
        var expected = _generator.Rows(table).Count;
        if (row.GetInt64(0) is var count && count != expected)
        {
            _violations.Add(Violated(table, $"{expected} rows of \"{table.Name}\" were sent, and the server has {count} of them"));
        }

        for (var finding = 0; finding < findings.Count; finding++)
        {
            if (row.GetInt64(finding + 1) is > 0 and var offending)
            {
                _violations.Add(Violated(table, $"{offending} new rows of \"{table.Name}\" {findings[finding]}"));
            }
        }
    }

    private string RangeSql(TableModel table, List<NpgsqlParameter> parameters, List<string> findings)
    {
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        var shared = SharedAncestor.Of(_plan.Model, table);
        foreach (var key in table.ForeignKeys.Where(key => !IsImplied(key, shared)))
        {
            var alias = Identifier.Quote("->" + string.Join(',', key.Columns));
            var agreements = shared.Where(ancestor => ancestor.Via == key).ToArray();
            joins.Append(Join(key, alias, agreements.SelectMany(ancestor => ancestor.ParentColumns), parameters));
            counts.Append(Offending($"{alias}.{Identifier.Quote(key.ParentColumns[0])} IS NULL"));
            findings.Add($"refer by ({string.Join(", ", key.Columns)}) to no row of \"{key.ParentTable}\" that the batch may refer to");
            foreach (var (own, parents) in agreements.SelectMany(ancestor => ancestor.Columns.Zip(ancestor.ParentColumns)))
            {
                counts.Append(Offending($"c.{Identifier.Quote(own)} IS DISTINCT FROM {alias}.{Identifier.Quote(parents)}"));
                findings.Add($"have another ({own}) than their row of \"{key.ParentTable}\"");
            }
        }

        return $"SELECT {counts} FROM {Identifier.Quote(_schema, table.Name)} AS c{joins} "
            + $"WHERE {InRange("c", table, _generator.Rows(table), parameters)}";
    }

    /// <summary>
    /// A line's user is its transaction's user, which this query proves, and that one is there, which the proof of the
    /// transactions (or, for old ones, their foreign key) says: no need to look the user up again for every line.
    /// </summary>
    private static bool IsImplied(ForeignKeyModel key, IReadOnlyList<SharedAncestor> shared) =>
        shared.Any(ancestor => ancestor.Straight == key);

    private static string Offending(string condition) => $", count(*) FILTER (WHERE {condition})";

    /// <summary>Joins the parents that new rows may have: new ones by their range, existing ones by their keys.</summary>
    private string Join(ForeignKeyModel key, string alias, IEnumerable<string> columns, List<NpgsqlParameter> parameters)
    {
        var parent = _plan.Model.Table(key.ParentTable);
        var keyColumn = Identifier.Quote(key.ParentColumns[0]);
        var select = $"SELECT {Identifier.QuoteList(columns.Prepend(key.ParentColumns[0]).Distinct())} FROM {Identifier.Quote(_schema, parent.Name)} AS p";
        var sources = new List<string>();
        if (_generator.RowsToReferTo(parent) is { Count: > 0 } rows)
        {
            sources.Add($"{select} WHERE {InRange("p", parent, rows, parameters)}");
        }

        if (_generator.Table(parent.Name).Existing is { Count: > 0 } existing)
        {
            parameters.Add(new NpgsqlParameter { Value = existing.Keys() });
            sources.Add($"{select} WHERE p.{keyColumn} = ANY (${parameters.Count})");
        }

        return $" LEFT JOIN ({string.Join(" UNION ALL ", sources)}) AS {alias} ON {alias}.{keyColumn} = c.{Identifier.Quote(key.Columns[0])}";
    }

    private string InRange(string alias, TableModel table, RowRange rows, List<NpgsqlParameter> parameters)
    {
        var keys = NewRowKeys.Of(_generator.Table(table.Name), rows);
        parameters.Add(new NpgsqlParameter { Value = keys.First });
        parameters.Add(new NpgsqlParameter { Value = keys.Last });
        return $"{alias}.{Identifier.Quote(keys.Column)} BETWEEN ${parameters.Count - 1} AND ${parameters.Count}";
    }

    // Keys that are no range: the server's own count of rows inserted in this transaction. Triggers have proven their foreign keys.
    private string CountSql(TableModel table) =>
        $"SELECT pg_stat_get_xact_tuples_inserted({Identifier.Literal(Identifier.Quote(_schema, table.Name))}::regclass)";

    private static StreamingException Violated(TableModel table, string problem) => new(
        "ProofFailed",
        StreamingErrorKind.ConstraintViolated,
        $"The proof of the new rows failed: {problem}. Nothing of this transaction was kept.",
        "Run the batch again; if it fails again, look for triggers or other writers that change these tables.",
        table.Name);
}
