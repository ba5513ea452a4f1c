using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>The SQL that takes rows of a table from a temporary one, whose columns are <c>number</c>, <c>c0</c>, <c>c1</c>, ...</summary>
internal sealed class StageSql
{
    private readonly string _target;
    private readonly ImportLane _lane;
    private readonly SentColumns _sent;
    private readonly ConflictAction _onConflict;
    private readonly ColumnModel[] _columns;

    /// <param name="schema">Schema of the table.</param>
    /// <param name="lane">Encodes the rows.</param>
    /// <param name="sent">Which columns are left to the server.</param>
    /// <param name="onConflict">What happens to keys that are there.</param>
    public StageSql(string schema, ImportLane lane, SentColumns sent, ConflictAction onConflict)
    {
        _target = Identifier.Quote(schema, lane.Table.Name);
        _lane = lane;
        _sent = sent;
        _onConflict = onConflict;
        _columns = [.. lane.Columns];
    }

    /// <summary>The columns of the temporary table, from a query of the table itself.</summary>
    public string StageColumns => string.Concat(_columns.Select((column, index) => $", {Identifier.Quote(column.Name)} AS c{index}"));

    /// <summary>The table.</summary>
    public string Target => _target;

    /// <summary>The temporary table's name of a column; null when the rows do not have it.</summary>
    public string? Stage(string column) => Array.FindIndex(_columns, candidate => candidate.Name == column) is >= 0 and var index ? $"c{index}" : null;

    /// <summary>True when rows of this shape may change one that is there.</summary>
    public bool MayUpdate(ColumnSet? given) => _onConflict == ConflictAction.Update && HasKey(given) && Changed(given).Any();

    /// <summary>Numbers the rows of each key: one statement cannot change a row twice, the second one has its turn after the first.
    /// Rows whose key the server gives have no other.</summary>
    public string Turn
    {
        get
        {
            var key = _lane.Table.PrimaryKey.Select(Stage).ToList();
            return _onConflict == ConflictAction.Update && !key.Contains(null)
                ? $"row_number() OVER (PARTITION BY {string.Join(", ", key)}, CASE WHEN num_nulls({string.Join(", ", key)}) > 0 THEN number END ORDER BY number)"
                : "1::bigint";
        }
    }

    /// <summary>An INSERT that returns the value of the sequence column, and whether the row is new.</summary>
    /// <remarks>
    /// A row is new when the statement's snapshot does not have its key. (What another session commits meanwhile counts as new; the
    /// system column that would tell cannot be returned from partitioned tables.)
    /// </remarks>
    /// <param name="given">The columns that the input has; null for all.</param>
    /// <param name="from">The rows: what follows FROM.</param>
    public string Insert(ColumnSet? given, string from)
    {
        var places = Enumerable.Range(0, _columns.Length).Where(place => _sent.IsSent(_lane.SentIndexes[place], given)).ToList();
        return $"""
            INSERT INTO {_target} AS target ({Identifier.QuoteList(places.Select(place => _columns[place].Name))}) OVERRIDING SYSTEM VALUE
            SELECT {string.Join(", ", places.Select(place => Value(place, given)))} FROM (SELECT * FROM {from}) AS incoming
            WHERE {SessionSettings.RolePathHolds} ORDER BY number
            {OnConflict(given)}
            RETURNING {SequenceKey} AS key, {(MayUpdate(given) ? $"NOT EXISTS (SELECT FROM {_target} AS before WHERE {SameKey})" : "true")} AS is_new
            """;
    }

    /// <summary>PostgreSQL looks at the row that would be new before it looks for its key: what the input lacks must fit there too.</summary>
    private string Value(int place, ColumnSet? given) => !MayUpdate(given) || given is null || given.Contains(_lane.SentIndexes[place])
        ? $"incoming.c{place}"
        : $"(SELECT before.{Identifier.Quote(_columns[place].Name)} FROM {_target} AS before WHERE "
            + string.Join(" AND ", _lane.Table.PrimaryKey.Select(name => $"before.{Identifier.Quote(name)} = incoming.{Stage(name)}")) + ")";

    /// <summary>A row whose key the server gives meets no row that has it.</summary>
    private string OnConflict(ColumnSet? given)
    {
        if (_onConflict == ConflictAction.Error || !HasKey(given))
        {
            return "";
        }

        var changes = string.Join(", ", Changed(given).Select(name => $"{Identifier.Quote(name)} = EXCLUDED.{Identifier.Quote(name)}"));
        return $"ON CONFLICT ({Identifier.QuoteList(_lane.Table.PrimaryKey)}) DO {(MayUpdate(given) ? $"UPDATE SET {changes}" : "NOTHING")}";
    }

    private bool HasKey(ColumnSet? given) => _lane.Table.PrimaryKey.All(name =>
        Array.FindIndex(_columns, column => column.Name == name) is >= 0 and var place && _sent.IsSent(_lane.SentIndexes[place], given));

    /// <summary>Columns that get the value of the input where the key is there.</summary>
    private IEnumerable<string> Changed(ColumnSet? given) => _lane.SentIndexes
        .Where(index => !_lane.Table.Columns[index].IsPrimaryKey && (given is null || given.Contains(index)))
        .Select(index => _lane.Table.Columns[index].Name);

    private string SameKey => string.Join(
        " AND ", _lane.Table.PrimaryKey.Select(name => $"before.{Identifier.Quote(name)} = target.{Identifier.Quote(name)}"));

    /// <summary>Where the sequence gives the key it is ahead by itself.</summary>
    private string SequenceKey => _lane.Table.SequenceColumn is { } column && !_lane.SequenceGivesKey
        ? $"target.{Identifier.Quote(column.Name)}::bigint"
        : "NULL::bigint";
}
