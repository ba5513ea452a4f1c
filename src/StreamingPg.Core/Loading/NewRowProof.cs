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
    // Statistics know nothing of rows of this transaction: left alone, the planner would look up a million parents one by one,
    // or compile a query that runs for milliseconds.
    private const string LargePartSql =
        "SET LOCAL enable_nestloop = off; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off";

    private const int LargePart = 20_000;

    private readonly NpgsqlConnection _open;
    private readonly string _schema;
    private readonly BatchPlan _plan;
    private readonly BatchGenerator _generator;

    public NewRowProof(NpgsqlConnection open, string schema, BatchPlan plan, BatchGenerator generator)
    {
        _open = open;
        _schema = schema;
        _plan = plan;
        _generator = generator;
    }

    /// <summary>Counts and proves the new rows.</summary>
    /// <returns>Rows per table as the server has them.</returns>
    /// <exception cref="StreamingException">A row is missing, or refers to nothing; the transaction must not be committed.</exception>
    public async Task<IReadOnlyDictionary<string, long>> RunAsync(CancellationToken cancellationToken)
    {
        var rows = new Dictionary<string, long>(StringComparer.Ordinal);
        var written = _plan.Model.Tables.Where(table => _generator.Rows(table).Count > 0).ToArray();
        if (written.Sum(table => _generator.Rows(table).Count) >= LargePart)
        {
            await using var settings = new NpgsqlCommand(LargePartSql, _open);
            await settings.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        foreach (var table in written)
        {
            rows[table.Name] = await ProveAsync(table, cancellationToken).ConfigureAwait(false);
        }

        return rows;
    }

    private async Task<long> ProveAsync(TableModel table, CancellationToken cancellationToken)
    {
        await using var command = new NpgsqlCommand { Connection = _open };
        var findings = new List<string>();
        command.CommandText = NewRowKeys.CanBeRange(table)
            ? RangeSql(table, command.Parameters, findings)
            : CountSql(table);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        var expected = _generator.Rows(table).Count;
        var count = reader.GetInt64(0);
        if (count != expected)
        {
            throw Violated(table, $"{expected} rows of \"{table.Name}\" were sent, and the server has {count} of them");
        }

        for (var finding = 0; finding < findings.Count; finding++)
        {
            if (reader.GetInt64(finding + 1) is > 0 and var offending)
            {
                throw Violated(table, $"{offending} new rows of \"{table.Name}\" {findings[finding]}");
            }
        }

        return count;
    }

    private string RangeSql(TableModel table, NpgsqlParameterCollection parameters, List<string> findings)
    {
        var counts = new StringBuilder("count(*)");
        var joins = new StringBuilder();
        var aliases = new Dictionary<ForeignKeyModel, string>();
        var shared = SharedAncestor.Of(_plan.Model, table);
        foreach (var key in table.ForeignKeys.Where(key => NewRowKeys.CanBeRange(_plan.Model.Table(key.ParentTable))))
        {
            var alias = $"p{aliases.Count}";
            aliases.Add(key, alias);
            var columns = shared.Where(ancestor => ancestor.Via == key).SelectMany(ancestor => ancestor.ParentColumns);
            joins.Append(Join(key, alias, columns, parameters));
            counts.Append(Offending($"{alias}.{Identifier.Quote(key.ParentColumns[0])} IS NULL"));
            findings.Add($"refer by ({string.Join(", ", key.Columns)}) to no row of \"{key.ParentTable}\" that the batch may refer to");
        }

        foreach (var ancestor in shared.Where(ancestor => aliases.ContainsKey(ancestor.Via)))
        {
            foreach (var (own, parents) in ancestor.Columns.Zip(ancestor.ParentColumns))
            {
                counts.Append(Offending($"c.{Identifier.Quote(own)} IS DISTINCT FROM {aliases[ancestor.Via]}.{Identifier.Quote(parents)}"));
                findings.Add($"have another ({own}) than their \"{ancestor.Via.ParentTable}\"");
            }
        }

        return $"SELECT {counts} FROM {Identifier.Quote(_schema, table.Name)} AS c{joins} WHERE {InRange("c", table, _generator.Rows(table), parameters)}";
    }

    private static string Offending(string condition) => $", count(*) FILTER (WHERE {condition})";

    /// <summary>Joins the parents that new rows may have: new ones by their range, existing ones by their keys.</summary>
    private string Join(
        ForeignKeyModel key, string alias, IEnumerable<string> columns, NpgsqlParameterCollection parameters)
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

    private string InRange(string alias, TableModel table, RowRange rows, NpgsqlParameterCollection parameters)
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
