using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>What existing rows have used already of the existing parents that were picked: unique combinations, and numbers within a
/// parent.</summary>
internal sealed class UsedParents
{
    private readonly Session _session;
    private readonly StreamModel _model;
    private readonly IReadOnlyDictionary<string, ExistingRows> _rows;
    private readonly bool _locks;
    private readonly Dictionary<string, IReadOnlyList<long>> _taken = new(StringComparer.Ordinal);
    private readonly Dictionary<string, IReadOnlyList<long>> _numbers = new(StringComparer.Ordinal);

    /// <param name="session">The session.</param>
    /// <param name="model">The tables.</param>
    /// <param name="rows">The parents that were picked.</param>
    /// <param name="locks">True to let other writers wait where the server does not keep the combinations unique.</param>
    public UsedParents(Session session, StreamModel model, IReadOnlyDictionary<string, ExistingRows> rows, bool locks)
    {
        _locks = locks;
        _session = session;
        _model = model;
        _rows = rows;
    }

    /// <summary>See <see cref="BatchPlan.Taken"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Taken => _taken;

    /// <summary>See <see cref="BatchPlan.NumbersBefore"/>.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> NumbersBefore => _numbers;

    /// <summary>Reads what the rows of a table have used.</summary>
    public async Task ReadAsync(TableModel table, CancellationToken cancellationToken)
    {
        var relations = TableRelations.Of(_model, table);
        foreach (var unique in relations.Unique.Where(unique => unique.Keys.All(key => Existing(key) is { Count: > 0 })))
        {
            if (_locks && StoredKeys.IsWidened(table, unique.Columns))
            {
                var commands = _session.NewCommands();
                AdvisoryLock.Take(commands, AdvisoryLock.UniqueValues, _session.Quote(table.Name));
                await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
            }

            await ReadTakenAsync(table, unique, cancellationToken).ConfigureAwait(false);
        }

        if (RowNumbers.Of(table) is { } numbers && DealtKeys.Of(_model, table) is { } dealt && Existing(dealt) is { Count: > 0 } parents)
        {
            await ReadNumbersAsync(table, numbers, dealt, parents, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task ReadTakenAsync(TableModel table, UniqueKeySet unique, CancellationToken cancellationToken)
    {
        var columns = unique.Keys.SelectMany(key => key.Columns).Distinct().ToList();
        var parameters = new List<NpgsqlParameter>();
        var conditions = unique.Keys.Select(key => AmongSql(key, parameters)).ToList();
        using var found = new ExistingRows(table);
        await _session.QueryAsync(
            $"SELECT {SelectSql(table, columns)} FROM {_session.Quote(table.Name)} WHERE {string.Join(" AND ", conditions)}",
            row => found.Add(Spread(table, columns, row)),
            cancellationToken,
            [.. parameters]).ConfigureAwait(false);

        var taken = new SortedSet<long>();
        for (var row = 0; row < found.Count; row++)
        {
            long number = 0;
            foreach (var key in unique.Keys)
            {
                var parents = Existing(key)!;
                number = (number * parents.Count) + parents.Find(found, row, key)!.Value;
            }

            taken.Add(number);
        }

        _taken[unique.NameIn(table)] = [.. taken];
    }

    private async Task ReadNumbersAsync(
        TableModel table, RowNumbers numbers, ForeignKeyModel key, ExistingRows parents, CancellationToken cancellationToken)
    {
        var parameters = new List<NpgsqlParameter>();
        var condition = AmongSql(key, parameters);
        var highest = new long[parents.Count];
        await _session.QueryAsync(
            $"""
            SELECT {SelectSql(table, key.Columns)}, max({Identifier.Quote(numbers.Column.Name)})::bigint
            FROM {_session.Quote(table.Name)} WHERE {condition} GROUP BY {Identifier.QuoteList(key.Columns)}
            """,
            row =>
            {
                using var found = new ExistingRows(table);
                found.Add(Spread(table, key.Columns, row));
                highest[parents.Find(found, 0, key)!.Value] = row.IsDBNull(key.Columns.Count) ? 0 : row.GetInt64(key.Columns.Count);
            },
            cancellationToken,
            [.. parameters]).ConfigureAwait(false);
        _numbers[table.Name] = highest;
    }

    /// <summary>The condition that rows refer to one of the existing parents that may be referred to.</summary>
    private string AmongSql(ForeignKeyModel key, List<NpgsqlParameter> parameters)
    {
        var parents = Existing(key)!;
        var arrays = ParentSql.Arrays(_session.Schema, key.ParentColumns, parents, [.. Enumerable.Range(0, parents.Count)], parameters);
        return $"({Identifier.QuoteList(key.Columns)}) IN (SELECT * FROM unnest({arrays}))";
    }

    private ExistingRows? Existing(ForeignKeyModel key) => _rows.GetValueOrDefault(key.ParentTable);

    private static string SelectSql(TableModel table, IEnumerable<string> columns) =>
        string.Join(", ", columns.Select(column => ServerValue.SelectSql(table.Column(column).Type, Identifier.Quote(column))));

    private static object?[] Spread(TableModel table, IReadOnlyList<string> columns, NpgsqlDataReader row)
    {
        var values = new object?[table.Columns.Count];
        for (var index = 0; index < columns.Count; index++)
        {
            values[table.IndexOf(columns[index])] = ServerValue.Read(row, index, table.Column(columns[index]).Type);
        }

        return values;
    }
}
