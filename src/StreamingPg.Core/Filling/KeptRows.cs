using Npgsql;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>
/// Looks whether the rows of tables with triggers or rules are still there after the commit. A trigger may remove what nothing refers to,
/// such as tags that are not used: the rows of such a table come again, together with those of the first table that refers to it.
/// </summary>
internal sealed class KeptRows
{
    // Of a larger table nobody waits for the count.
    private const long MostCounted = 10_000;

    private readonly DatabaseConnection _connection;
    private readonly FillPlan _plan;
    private readonly Dictionary<string, long> _before = new(StringComparer.Ordinal);
    private readonly Dictionary<string, (TableModel Table, TableFillResult Result)> _gone = new(StringComparer.Ordinal);

    /// <param name="connection">The database.</param>
    /// <param name="plan">The plan of the schema.</param>
    public KeptRows(DatabaseConnection connection, FillPlan plan)
    {
        _connection = connection;
        _plan = plan;
    }

    /// <summary>The tables of which no row was left, however they were filled.</summary>
    public IEnumerable<TableFillResult> NotKept => _gone.Values.Select(table => table.Result);

    /// <summary>True when a table of a step refers to one of which no row was left.</summary>
    public bool RefersToNotKept(FillStep step) => step.Tables.Any(table => Parents(table).Any());

    /// <summary>Tables, and before them those that they refer to of which no row was left.</summary>
    public IReadOnlyList<TableModel> WithThoseNotKept(IReadOnlyList<TableModel> tables) => [.. tables.SelectMany(Parents).Distinct().Except(tables), .. tables];

    /// <summary>Counts the rows before a step.</summary>
    public async Task BeginAsync(FillStep step, CancellationToken cancellationToken)
    {
        _before.Clear();
        foreach (var (table, rows) in await CountAsync(step.Tables.Select(table => (table.Name, MostCounted)), cancellationToken).ConfigureAwait(false))
        {
            _before.Add(table, rows);
        }
    }

    /// <summary>Counts the rows after the step.</summary>
    /// <returns>What became of the tables, by the rows that are there; those left out of which there are none.</returns>
    public async Task<IReadOnlyList<TableFillResult>> EndAsync(IReadOnlyList<TableFillResult> results, CancellationToken cancellationToken)
    {
        var made = results.Where(result => result.Made > 0 && _before.GetValueOrDefault(result.Table, MostCounted) < MostCounted)
            .Select(result => (result.Table, _before[result.Table] + result.Made));
        var after = await CountAsync(made, cancellationToken).ConfigureAwait(false);
        return [.. results.Where(result => !_gone.ContainsKey(result.Table) || after.ContainsKey(result.Table)).Select(Counted).OfType<TableFillResult>()];

        TableFillResult? Counted(TableFillResult result)
        {
            _gone.Remove(result.Table);
            var kept = after.TryGetValue(result.Table, out var rows) ? Math.Max(0, rows - _before[result.Table]) : result.Made;
            if (kept >= result.Made)
            {
                return result;
            }

            result = result with
            {
                Status = kept == 0 ? FillStatus.Failed : FillStatus.Partial,
                Made = kept,
                Reason = $"{result.Made} rows were made, but {(kept == 0 ? "none" : $"only {kept}")} of them are in the table after the commit: a trigger or a rule removes them, or puts them elsewhere.",
                Fix = $"See the triggers and rules of {_connection.Quote(result.Table)}.",
            };
            if (kept == 0)
            {
                _gone.Add(result.Table, (_plan.Model.Table(result.Table), result));
            }

            return kept == 0 ? null : result;
        }
    }

    private IEnumerable<TableModel> Parents(TableModel table) =>
        table.ForeignKeys.Where(key => _gone.ContainsKey(key.ParentTable)).Select(key => _gone[key.ParentTable].Table);

    /// <summary>Counts the rows of those tables that have triggers or rules, up to a number.</summary>
    private async Task<Dictionary<string, long>> CountAsync(IEnumerable<(string Table, long Most)> tables, CancellationToken cancellationToken)
    {
        var counts = new Dictionary<string, long>(StringComparer.Ordinal);
        (string Table, long Most)[] watched = [.. tables.Where(table => _plan.Watched.Contains(table.Table))];
        if (watched.Length == 0)
        {
            return counts;
        }

        try
        {
            await using var session = await Session.BeginAsync(_connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            var commands = session.NewCommands();
            foreach (var (table, most) in watched)
            {
                commands.Query($"SELECT count(*) FROM (SELECT FROM {session.Quote(table)} LIMIT {most}) AS counted", row => counts.Add(table, row.GetInt64(0)));
            }

            await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            return counts;
        }
        catch (PostgresException)
        {
            return []; // one of them cannot be read, which is its own affair: the counts of the batch hold
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, _connection, "counting rows");
        }
    }
}
