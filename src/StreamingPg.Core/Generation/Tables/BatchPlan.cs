using System.Runtime.CompilerServices;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>All that decides the rows of a batch. The same plan gives the same bytes.</summary>
internal sealed record BatchPlan
{
    /// <summary>The reference time of a seeded batch that names none: the same rows must come out tomorrow.</summary>
    public static readonly DateTime FixedReferenceTime = new(2025, 1, 1, 0, 0, 0, DateTimeKind.Utc);

    private static readonly ConditionalWeakTable<EventTimes, HistoryCurve> Histories = [];

    /// <summary>The tables.</summary>
    public required StreamModel Model { get; init; }

    /// <summary>The seed.</summary>
    public required long Seed { get; init; }

    /// <summary>Number of the batch in its schema, from 1; 0 for rows that are made without a ledger.</summary>
    public required long BatchNumber { get; init; }

    /// <summary>No generated time is after this one (UTC).</summary>
    public required DateTime ReferenceTime { get; init; }

    /// <summary>
    /// Milliseconds since 1970 that the keys of the batch begin with: they put its rows at the right edge of every index.
    /// </summary>
    public required long KeyTime { get; init; }

    /// <summary>When its events happen.</summary>
    public EventTimes Events { get; init; } = EventTimes.Usual;

    /// <summary>Locale of the pools.</summary>
    public string Locale { get; init; } = "en";

    /// <summary>New rows per table; a table that is not named gets none.</summary>
    public required IReadOnlyDictionary<string, long> Rows { get; init; }

    /// <summary>Share of references, 0 to 1, that go to rows that were there before, where there are any.</summary>
    public double ExistingRatio { get; init; } = 0.5;

    /// <summary>Number of chunks, each a transaction.</summary>
    public int Chunks { get; init; } = 1;

    /// <summary>Rows that were there before and may be referred to, per table.</summary>
    public IReadOnlyDictionary<string, ExistingRows> Existing { get; init; } = new Dictionary<string, ExistingRows>();

    /// <summary>
    /// Combinations of <see cref="Existing"/> rows that a table with a unique key over foreign keys has already, by
    /// <see cref="UniqueKeySet.NameIn"/>: in order, numbered with the last parent running fastest.
    /// </summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> Taken { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>Per table whose rows are numbered within a parent: the highest number that each of the <see cref="Existing"/> parents has.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<long>> NumbersBefore { get; init; } = new Dictionary<string, IReadOnlyList<long>>();

    /// <summary>The reserved sequence values, per table that has a sequence; a table without any gets NULL.</summary>
    public IReadOnlyDictionary<string, SequenceValues> SequenceValues { get; init; } = new Dictionary<string, SequenceValues>();

    /// <summary>
    /// The first number of a key that goes on after the highest one there is, by <see cref="NumberedKey.Name"/>; the numbers of a
    /// key that is not named are shuffled.
    /// </summary>
    public IReadOnlyDictionary<string, long> FirstNumbers { get; init; } = new Dictionary<string, long>();

    /// <summary>Rows that a table had before, all batches together, where rules number its rows.</summary>
    public IReadOnlyDictionary<string, long> RowsBefore { get; init; } = new Dictionary<string, long>();

    /// <summary>When the events of a history happened; null for any other batch.</summary>
    public HistoryCurve? History => Events is { History: { } history, Span: { } span }
        ? Histories.GetValue(Events, _ => new HistoryCurve(
            PostgresTime.FromDateTime(ReferenceTime) - (long)span.TotalMicroseconds, PostgresTime.FromDateTime(ReferenceTime), history, Events.Rhythm))
        : null;

    /// <summary>Rows of one table.</summary>
    public long RowsOf(string table) => Rows.GetValueOrDefault(table);

    /// <summary>Rows of all tables.</summary>
    public long TotalRows => Rows.Values.Sum();

    /// <summary>Rejects tables that are not there.</summary>
    /// <exception cref="StreamingException">The model does not have a table.</exception>
    public static void CheckNames(StreamModel model, IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (names.FirstOrDefault(name => model.Find(name) is null) is { } unknown)
        {
            throw new StreamingException(
                ErrorIds.TableUnknown,
                StreamingErrorKind.InvalidInput,
                $"Rows of \"{unknown}\" were requested, but the model has no such table.",
                $"Its tables are: {string.Join(", ", model.Tables.Select(table => table.Name))}.",
                unknown);
        }
    }

    /// <summary>Rejects row counts that cannot be made.</summary>
    /// <exception cref="StreamingException">A count is below zero, too large, or of a table that the model does not have.</exception>
    public static void CheckCounts(StreamModel model, IReadOnlyDictionary<string, long> rowsPerTable)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(rowsPerTable);
        CheckNames(model, rowsPerTable.Keys);
        foreach (var (name, rows) in rowsPerTable)
        {
            if (rows is < 0 or > UuidKeyColumn.MaxRows)
            {
                throw new StreamingException(
                    ErrorIds.RowCountOutOfRange,
                    StreamingErrorKind.InvalidInput,
                    $"{rows} rows of \"{name}\" are out of range for one batch.",
                    $"Use 0 to {UuidKeyColumn.MaxRows}.",
                    name);
            }

            if (rows > 0 && model.Table(name).UnreadChecks is [var check, ..])
            {
                throw check.ToError();
            }
        }
    }
}

/// <summary>The rows that were there before a batch and that its rows may refer to, and what they must not repeat.</summary>
/// <param name="Rows">Rows per table.</param>
/// <param name="Taken">See <see cref="BatchPlan.Taken"/>.</param>
/// <param name="NumbersBefore">See <see cref="BatchPlan.NumbersBefore"/>.</param>
internal sealed record ExistingParents(
    IReadOnlyDictionary<string, ExistingRows> Rows,
    IReadOnlyDictionary<string, IReadOnlyList<long>> Taken,
    IReadOnlyDictionary<string, IReadOnlyList<long>> NumbersBefore)
{
    private static readonly Dictionary<string, IReadOnlyList<long>> NoLists = [];

    /// <summary>Nothing was there before.</summary>
    public static ExistingParents None { get; } = Of(new Dictionary<string, ExistingRows>());

    /// <summary>Rows that nothing refers to yet.</summary>
    public static ExistingParents Of(IReadOnlyDictionary<string, ExistingRows> rows) => new(rows, NoLists, NoLists);
}
