using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Relations;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>
/// Completes the existing rows that were picked as parents: with rows that agree with them, where several keys must; with what they
/// refer to themselves, where new rows must agree with that; and with the combinations that are taken, where they are unique. A
/// model that has none of these costs nothing here.
/// </summary>
internal sealed class ParentCollector
{
    // Rows of a parent that agree with one row picked: enough for some variety.
    private const int AgreeingRows = 4;

    private readonly Session _session;
    private readonly BatchRequest _request;
    private readonly bool? _lockRows;
    private readonly Dictionary<string, List<object?[]>> _rows = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<object?[]>> _known = new(StringComparer.Ordinal);
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);

    /// <param name="session">The session.</param>
    /// <param name="request">The batch.</param>
    /// <param name="lockRows">True to lock all rows; false to lock those that no trigger does; null in a session that only reads.</param>
    public ParentCollector(Session session, BatchRequest request, bool? lockRows)
    {
        _session = session;
        _request = request;
        _lockRows = lockRows;
    }

    /// <summary>Picks rows that rows with these options may refer to, outside of a batch.</summary>
    /// <exception cref="StreamingException">The server refused.</exception>
    public static async Task<ExistingParents> ReadAsync(
        DatabaseConnection connection, StreamModel model, BatchOptions options, CancellationToken cancellationToken)
    {
        try
        {
            await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
            model = await LayoutReader.ReadAsync(session.Open, connection.Schema, model, cancellationToken).ConfigureAwait(false);
            var request = new BatchRequest(model, options);
            var collector = new ParentCollector(session, request, lockRows: null);
            foreach (var table in model.Tables.Where(table => request.ParentsWanted(table) > 0))
            {
                using var rows = await new ParentSampler(table, request.ParentsWanted(table), request.Settings)
                    .SampleAsync(session, cancellationToken).ConfigureAwait(false);
                collector.Add(table.Name, [.. Enumerable.Range(0, rows.Count).Select(row =>
                    table.Columns.Select((_, column) => rows.Value(row, column)).ToArray())]);
            }

            return await collector.CollectAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (NpgsqlException exception)
        {
            throw ServerError.Translate(exception, connection, "Picking rows to refer to");
        }
    }

    private StreamModel Model => _request.Model;

    private bool LocksRows(TableModel table) => _lockRows is { } lockRows && (lockRows || StoredKeys.NeedsLock(Model, table));

    private IEnumerable<TableModel> TablesToFill => Model.Tables.Where(table => _request.Options.RowsOf(table.Name) > 0);

    /// <summary>Takes over rows that were picked.</summary>
    public void Add(string table, IReadOnlyList<object?[]> rows)
    {
        _rows[table] = [.. rows];
        foreach (var row in rows)
        {
            _seen.Add(IdOf(Model.Table(table), row));
        }
    }

    /// <summary>Adds what is missing.</summary>
    public async Task<ExistingParents> CollectAsync(CancellationToken cancellationToken)
    {
        var relations = TablesToFill.Select(table => TableRelations.Of(Model, table)).ToList();
        foreach (var table in relations)
        {
            await AddRowsAsync(table, cancellationToken).ConfigureAwait(false);
        }

        // Only now: rows that were added for one table may be picked by another as well.
        foreach (var way in relations.SelectMany(WaysOf).Where(way => way.Count > 1))
        {
            await FollowAsync(way, cancellationToken).ConfigureAwait(false);
        }

        var rows = _rows.ToDictionary(entry => entry.Key, entry => ToExisting(Model.Table(entry.Key)), StringComparer.Ordinal);
        var used = new UsedParents(_session, Model, rows, locks: _lockRows is not null);
        foreach (var table in TablesToFill)
        {
            await used.ReadAsync(table, cancellationToken).ConfigureAwait(false);
        }

        return new ExistingParents(rows, used.Taken, used.NumbersBefore);
    }

    /// <summary>Adds rows to refer to that agree with others, or that are free.</summary>
    private async Task AddRowsAsync(TableRelations relations, CancellationToken cancellationToken)
    {
        foreach (var (left, right) in relations.Agreements)
        {
            await FollowAsync(left.Keys, cancellationToken).ConfigureAwait(false);
            await AddAgreeingAsync(left, right, cancellationToken).ConfigureAwait(false);
            await FollowAsync(right.Keys, cancellationToken).ConfigureAwait(false);
            await AddAgreeingAsync(right, left, cancellationToken).ConfigureAwait(false);
        }

        foreach (var unique in relations.Unique.Where(unique => unique.Keys is [var only] && only.ParentTable != relations.Table.Name))
        {
            await AddFreeAsync(relations.Table, unique.Keys[0], cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>The ways from a parent on which new rows look at further rows.</summary>
    private IEnumerable<IReadOnlyList<ForeignKeyModel>> WaysOf(TableRelations relations)
    {
        foreach (var (left, right) in relations.Agreements.Concat(relations.Conditions))
        {
            yield return left.Keys;
            yield return right.Keys;
        }

        foreach (var shared in relations.Implied.Values)
        {
            var way = relations.WayTo(shared.Via).Concat(shared.Path.Skip(1));
            yield return [.. shared.PassesTimeOn(Model, relations.Table) ? way : way.Append(shared.ParentKey)];
        }
    }

    /// <summary>Reads the rows that existing parents refer to on a way of several keys, and those that new parents may lead to.</summary>
    private async Task FollowAsync(IReadOnlyList<ForeignKeyModel> keys, CancellationToken cancellationToken)
    {
        var from = Model.Table(keys[0].ParentTable);
        var rows = _rows.GetValueOrDefault(from.Name) ?? [];
        foreach (var key in keys.Skip(1))
        {
            var parent = Model.Table(key.ParentTable);
            var values = Distinct(ValuesOf(from, [.. rows, .. _rows.GetValueOrDefault(from.Name) ?? []], key.Columns));
            rows = [];
            if (values.Count > 0)
            {
                await ReadAsync(
                    $"SELECT {ParentSql.Columns("p", parent)} FROM {NameSql(parent)} AS p WHERE {ParentSql.Tuple("p", key.ParentColumns)} IN (SELECT * FROM unnest({ParentSql.Arrays(_session.Schema, parent, key.ParentColumns)}))",
                    parent,
                    rows.Add,
                    Arrays(parent, key.ParentColumns, values),
                    cancellationToken).ConfigureAwait(false);
                var known = Bucket(_known, parent.Name);
                Bucket(_rows, parent.Name);
                known.AddRange(rows.Where(row => _seen.Add(IdOf(parent, row))));
            }

            from = parent;
        }
    }

    /// <summary>Reads rows for one side of an agreement that agree with what may be chosen on the other.</summary>
    private async Task AddAgreeingAsync(JoinPath left, JoinPath right, CancellationToken cancellationToken)
    {
        var end = Model.Table(left.Keys[^1].ParentTable);
        var values = ValuesOf(end, [.. _rows.GetValueOrDefault(end.Name) ?? [], .. _known.GetValueOrDefault(end.Name) ?? []], left.Columns);

        // New rows on the left may refer to what was picked further up.
        foreach (var key in end.ForeignKeys.Where(key => key.Columns.ToHashSet().SetEquals(left.Columns)))
        {
            var ancestors = ValuesOf(Model.Table(key.ParentTable), _rows.GetValueOrDefault(key.ParentTable) ?? [], [.. left.Columns.Select(column => key.ParentColumns[key.Columns.ToList().IndexOf(column)])]);
            values.AddRange(ancestors);
        }

        var parent = Model.Table(right.First.ParentTable);
        if (values.Count == 0 || _request.ParentsWanted(parent) == 0)
        {
            return;
        }

        var (joins, last) = JoinsSql(right.Keys);
        var names = Enumerable.Range(0, left.Columns.Count).Select(number => $"v{number}").ToList();
        var condition = string.Join(" AND ", right.Columns.Zip(names, (column, name) => $"{last}.{Identifier.Quote(column)} = wanted.{name}"));
        var rows = Bucket(_rows, parent.Name);
        var types = Model.Table(right.Keys[^1].ParentTable);
        var arrays = Arrays(types, right.Columns, Distinct(values));
        await ReadAsync(
            $"""
            SELECT found.* FROM unnest({ParentSql.Arrays(_session.Schema, types, right.Columns)}) AS wanted ({string.Join(", ", names)})
            CROSS JOIN LATERAL (
                SELECT {ParentSql.Columns("p", parent)} FROM {NameSql(parent)} AS p {joins}
                WHERE {condition} AND {ParentSql.MayHaveChildren(parent, "p", names.Count + 1)} LIMIT {AgreeingRows}{(LocksRows(parent) ? " FOR KEY SHARE OF p" : "")}) AS found
            """,
            parent,
            row => AddNew(parent, rows, row),
            [.. arrays, Parameter.Timestamp(_request.Settings.ReferenceTime)],
            cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Reads parents that have no child yet, where each may have one and those picked and those to be made are too few.</summary>
    private async Task AddFreeAsync(TableModel table, ForeignKeyModel key, CancellationToken cancellationToken)
    {
        var parent = Model.Table(key.ParentTable);
        var missing = _request.Options.RowsOf(table.Name) - _request.Options.RowsOf(parent.Name);
        if (missing <= 0 || DealtKeys.Of(Model, table) == key)
        {
            return;
        }

        var rows = Bucket(_rows, parent.Name);
        var same = key.Columns.Zip(key.ParentColumns, (own, parents) => $"c.{Identifier.Quote(own)} = p.{Identifier.Quote(parents)}");
        await ReadAsync(
            $"""
            SELECT {ParentSql.Columns("p", parent)} FROM {NameSql(parent)} AS p
            WHERE NOT EXISTS (SELECT FROM {NameSql(table)} AS c WHERE {string.Join(" AND ", same)}) AND {ParentSql.MayHaveChildren(parent, "p", 2)}
            LIMIT $1{(LocksRows(parent) ? " FOR KEY SHARE OF p" : "")}
            """,
            parent,
            row => AddNew(parent, rows, row),
            [Parameter.Of(missing), Parameter.Timestamp(_request.Settings.ReferenceTime)],
            cancellationToken).ConfigureAwait(false);
    }

    private void AddNew(TableModel table, List<object?[]> rows, object?[] row)
    {
        if (_seen.Add(IdOf(table, row)))
        {
            rows.Add(row);
        }
        else if (_known.TryGetValue(table.Name, out var known) && known.RemoveAll(other => IdOf(table, other) == IdOf(table, row)) > 0)
        {
            // It was known only; now it may be referred to.
            rows.Add(row);
        }
    }

    private ExistingRows ToExisting(TableModel table)
    {
        var existing = new ExistingRows(table);
        foreach (var row in _rows[table.Name])
        {
            existing.Add(row);
        }

        foreach (var row in _known.GetValueOrDefault(table.Name) ?? [])
        {
            existing.AddKnown(row);
        }

        return existing;
    }

    private Task ReadAsync(
        string sql, TableModel table, Action<object?[]> take, NpgsqlParameter[] parameters, CancellationToken cancellationToken) =>
        _session.QueryAsync(sql, row => take(ParentSql.Values(table, row)), cancellationToken, parameters);

    /// <summary>The joins from a row, p, along a way, and the alias of the row at its end.</summary>
    private (string Joins, string Last) JoinsSql(IReadOnlyList<ForeignKeyModel> keys)
    {
        var joins = new List<string>();
        var last = "p";
        foreach (var key in keys.Skip(1))
        {
            var next = $"p{joins.Count}";
            var same = key.Columns.Zip(key.ParentColumns, (own, parents) => $"{next}.{Identifier.Quote(parents)} = {last}.{Identifier.Quote(own)}");
            joins.Add($"JOIN {_session.Quote(key.ParentTable)} AS {next} ON {string.Join(" AND ", same)}");
            last = next;
        }

        return (string.Join(' ', joins), last);
    }

    private string NameSql(TableModel table) => _session.Quote(table.Name);

    /// <summary>The values that rows have in some columns, where none of them is NULL.</summary>
    private static List<object?[]> ValuesOf(TableModel table, IReadOnlyList<object?[]> rows, IReadOnlyList<string> columns)
    {
        var places = columns.Select(table.IndexOf).ToList();
        return [.. rows.Select(row => places.Select(place => ComparableKey.Value(table.Columns[place].Type, row[place])).ToArray())
            .Where(values => !values.Contains(null))];
    }

    private static List<object?[]> Distinct(List<object?[]> values) => [.. values.DistinctBy(TextOf)];

    private static NpgsqlParameter[] Arrays(TableModel table, IReadOnlyList<string> columns, List<object?[]> values) =>
        [.. columns.Select((column, index) => ServerValue.Array(ComparableKey.TypeOf(table.Column(column).Type), values.ConvertAll(row => row[index])))];

    private static List<object?[]> Bucket(Dictionary<string, List<object?[]>> rows, string table) =>
        rows.TryGetValue(table, out var bucket) ? bucket : rows[table] = [];

    private static string IdOf(TableModel table, object?[] row) =>
        $"{table.Name} {TextOf(table.PrimaryKey.Count == 0 ? row : table.PrimaryKey.Select(column => row[table.IndexOf(column)]))}";

    private static string TextOf(IEnumerable<object?> values) =>
        string.Join('\u001f', values.Select(value => value is null ? "" : ValueText.Of(value)));
}
