using Npgsql;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Core.Loading.References;

/// <summary>Finds out which values of unique columns existing rows have, so that new rows get others.</summary>
/// <remarks>
/// The values that the batch would use are looked up in the unique index, as many at a time as a statement takes with ease; nothing is
/// kept but the places that are taken. Numbers of which metadata says no more go on after the highest one there is, unless too few
/// are left after it. StreamingPg's own writers wait for each other until they commit.
/// </remarks>
internal sealed class UniqueProbe
{
    private const int PlacesAtATime = 10_000;

    private readonly Session _session;
    private readonly BatchPlan _plan;

    public UniqueProbe(Session session, BatchPlan plan)
    {
        _session = session;
        _plan = plan;
    }

    /// <summary>The plan, with the taken places of each key.</summary>
    /// <exception cref="StreamingException">There are not enough different values left.</exception>
    public async Task<BatchPlan> LeaveOutTakenAsync(CancellationToken cancellationToken)
    {
        var tables = _plan.Model.Tables.Where(table => _plan.RowsOf(table.Name) > 0
            && table.Columns.Any(column => column is { IsAutoIncrement: false, Type.Kind: not ColumnKind.Uuid } && table.MayBeNumbered(column))).ToList();
        if (tables.Count == 0)
        {
            return _plan;
        }

        var generator = new BatchGenerator(_plan, 0);
        var taken = _plan.Taken.ToDictionary(StringComparer.Ordinal);
        var first = new Dictionary<string, long>(StringComparer.Ordinal);
        var probed = tables.Select(table => generator.Table(table.Name))
            .Where(table => table.NumberedKeys.Count > 0 || WithinParentProbe.IsNeeded(_plan, table)).ToList();
        await LockAsync(probed.Select(table => table.Table), cancellationToken).ConfigureAwait(false);
        foreach (var table in probed)
        {
            if (WithinParentProbe.IsNeeded(_plan, table))
            {
                taken[KeyWithinParent.Of(table.Table)!.NameIn(table.Table)] =
                    await WithinParentProbe.TakenAsync(_session, _plan, table, cancellationToken).ConfigureAwait(false);
            }

            foreach (var key in table.NumberedKeys)
            {
                if (MayGoOn(key) && await HighestAsync(key, cancellationToken).ConfigureAwait(false) is var highest
                    && key.Highest - highest >= _plan.RowsOf(key.Table.Name))
                {
                    first[key.Name] = highest + 1;
                }
                else
                {
                    taken[key.Name] = await TakenAsync(key, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        return _plan with { Taken = taken, FirstNumbers = first };
    }

    private async Task LockAsync(IEnumerable<TableModel> tables, CancellationToken cancellationToken)
    {
        var commands = _session.NewCommands();
        foreach (var table in tables)
        {
            AdvisoryLock.Take(commands, AdvisoryLock.UniqueValues, _session.Quote(table.Name));
        }

        await commands.ExecuteAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>In a batch of several chunks, rows of the first keep the numbers of all for the batch.</summary>
    private bool MayGoOn(NumberedKey key) =>
        key.GoesOn && (_plan.Chunks == 1 || new ChunkRows(_plan).Of(key.Table, 0).Count > 0);

    /// <summary>The highest number that rows have; without any, the one before the lowest.</summary>
    private async Task<long> HighestAsync(NumberedKey key, CancellationToken cancellationToken)
    {
        var column = Identifier.Quote(key.Columns[0].Name);
        var highest = key.Lowest - 1;
        await _session.QueryAsync(
            $"SELECT max({column})::bigint FROM {_session.Quote(key.Table.Name)} WHERE {column} BETWEEN $1 AND $2",
            row => highest = row.IsDBNull(0) ? highest : row.GetInt64(0),
            cancellationToken,
            Parameter.Of(key.Lowest),
            Parameter.Of(key.Highest)).ConfigureAwait(false);
        return highest;
    }

    private async Task<IReadOnlyList<long>> TakenAsync(NumberedKey key, CancellationToken cancellationToken)
    {
        var taken = new List<long>();
        var rows = _plan.RowsOf(key.Table.Name);
        var numbers = key.NumbersIn(_plan);
        for (long place = 0; place - taken.Count < rows;)
        {
            if (place == key.Count)
            {
                throw key.Exhausted(place - taken.Count, rows);
            }

            var to = Math.Min(key.Count, place + Math.Min(PlacesAtATime, rows + taken.Count - place));
            await _session.QueryAsync(
                TakenSql(key), row => taken.Add(row.GetInt64(0)), cancellationToken, Parameters(key, numbers, place, to)).ConfigureAwait(false);
            place = to;
        }

        return taken;
    }

    private string TakenSql(NumberedKey key)
    {
        var arrays = string.Join(", ", key.Columns.Select((_, index) => $"${index + 2}"));
        var names = string.Join(", ", key.Columns.Select((_, index) => $"c{index}"));
        var same = key.Columns.Select((column, index) =>
            key.Fold is { } fold && column.Type.IsText
                ? $"pg_catalog.{fold}(t.{Identifier.Quote(column.Name)}::text) = pg_catalog.{fold}(v.c{index})"
                : column.Type is { Kind: ColumnKind.Literal, UserType: not null } ? $"t.{Identifier.Quote(column.Name)}::text = v.c{index}" // its operators are in another schema
                : $"t.{Identifier.Quote(column.Name)} = v.c{index}::{ColumnSql.TypeName(_session.Schema, column.Type)}");
        return $"""
            SELECT DISTINCT v.place FROM unnest($1, {arrays}) AS v (place, {names})
            JOIN {_session.Quote(key.Table.Name)} AS t ON {string.Join(" AND ", same)}
            ORDER BY v.place
            """;
    }

    private static NpgsqlParameter[] Parameters(NumberedKey key, UniqueNumbers numbers, long from, long to)
    {
        var places = new List<long>();
        var values = key.Columns.Select(_ => new List<object?>()).ToArray();
        for (var place = from; place < to; place++)
        {
            places.Add(place);
            var number = numbers.AtPlace(place);
            for (var column = 0; column < values.Length; column++)
            {
                values[column].Add(key.Value(column, number));
            }
        }

        return
        [
            new NpgsqlParameter<long[]> { TypedValue = [.. places] },
            .. values.Select((list, column) => ServerValue.Array(key.Columns[column].Type, list)),
        ];
    }
}

/// <summary>Finds out which values existing parents have already, where values are unique within their parent.</summary>
internal static class WithinParentProbe
{
    /// <summary>True when rows of the batch go to parents that were there before.</summary>
    public static bool IsNeeded(BatchPlan plan, TableGenerator table) =>
        table.KeyWithinParent is not null
        && KeyWithinParent.Of(table.Table) is { } within
        && plan.RowsOf(within.Key.ParentTable) == 0
        && plan.Existing.GetValueOrDefault(within.Key.ParentTable) is { Count: > 0 };

    /// <summary>The taken values: place of the parent times the number of values, plus number of the value, ascending.</summary>
    public static async Task<IReadOnlyList<long>> TakenAsync(
        Session session, BatchPlan plan, TableGenerator table, CancellationToken cancellationToken)
    {
        var within = KeyWithinParent.Of(table.Table)!;
        var parents = plan.Existing[within.Key.ParentTable];
        var values = table.KeyWithinParent!;
        List<NpgsqlParameter> parameters = [Parameter.Of(within.Most)];
        var parentArrays = Arrays(within.Key.ParentColumns.Select(name => (parents.Table.Column(name).Type, parents.Values(name))));
        var valueArrays = Arrays(values.Columns.Select((column, index) => (column.Type, Array(values, index, within.Most))));
        var same = Same("p", within.Key.Columns).Concat(Same("v", [.. values.Columns.Select(column => column.Name)]));
        var taken = new List<long>();
        await session.QueryAsync(
            $"""
            SELECT (p.place - 1) * $1 + v.place - 1 FROM {session.Quote(table.Table.Name)} AS t
            JOIN unnest({parentArrays}) WITH ORDINALITY AS p ({Names(within.Key.Columns.Count)}, place) ON true
            JOIN unnest({valueArrays}) WITH ORDINALITY AS v ({Names(values.Columns.Count)}, place) ON true
            WHERE {string.Join(" AND ", same)} ORDER BY 1
            """,
            row => taken.Add(row.GetInt64(0)),
            cancellationToken,
            [.. parameters]).ConfigureAwait(false);
        return taken;

        string Arrays(IEnumerable<(ColumnType Type, NpgsqlParameter Array)> arrays) => string.Join(", ", arrays.Select(array =>
        {
            parameters.Add(array.Array);
            return ColumnSql.ArrayParameter(session.Schema, array.Type, parameters.Count);
        }));
    }

    private static NpgsqlParameter Array(NumberedKey values, int column, long count) => ServerValue.Array(
        values.Columns[column].Type, [.. Enumerable.Range(0, (int)count).Select(number => values.Value(column, number))]);

    private static string Names(int count) => string.Join(", ", Enumerable.Range(0, count).Select(index => $"c{index}"));

    private static IEnumerable<string> Same(string alias, IReadOnlyList<string> columns) =>
        columns.Select((column, index) => $"t.{Identifier.Quote(column)} = {alias}.c{index}");
}
