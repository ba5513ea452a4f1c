using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading.Import;

/// <summary>One of the ways by which the rows of an import get into their tables, within its transaction.</summary>
internal abstract class ImportRoute : IAsyncDisposable
{
    private readonly Dictionary<TableModel, ImportTally> _tallies = [];

    /// <summary>How foreign keys were verified: by set if any were.</summary>
    public virtual ForeignKeyCheck ForeignKeyCheck => ForeignKeyCheck.Row;

    /// <summary>Takes a row.</summary>
    /// <param name="table">Table of the model.</param>
    /// <param name="values">One value per column.</param>
    /// <param name="given">Columns that the input has; null means all.</param>
    /// <param name="rowNumber">Number of the row in the input, from 1.</param>
    /// <exception cref="ValueRefusal">A value does not fit.</exception>
    public abstract void Add(TableModel table, ReadOnlySpan<object?> values, ColumnSet? given, long rowNumber);

    /// <summary>Rejects a row that has no values; false when rows are not to be rejected.</summary>
    public virtual bool TryReject(TableModel table, long rowNumber, ValueRefusal refusal, string text) => false;

    /// <summary>Loads what has not been loaded, and keeps the sequences ahead.</summary>
    /// <returns>The tables that got rows, in loading order.</returns>
    public abstract Task<IReadOnlyList<(TableModel Table, ImportTally Tally)>> CompleteAsync(CancellationToken cancellationToken);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();

    /// <summary>The counts of a table.</summary>
    protected ImportTally TallyOf(TableModel table)
    {
        if (!_tallies.TryGetValue(table, out var tally))
        {
            tally = new ImportTally();
            _tallies.Add(table, tally);
        }

        return tally;
    }

    /// <summary>All counts, in loading order.</summary>
    protected IReadOnlyList<(TableModel Table, ImportTally Tally)> Tallies(StreamModel model) =>
        [.. model.Tables.Where(_tallies.ContainsKey).Select(table => (table, _tallies[table]))];
}

/// <summary>Counts the rows of one table of an import.</summary>
internal sealed class ImportTally
{
    public long Read { get; set; }

    public long Inserted { get; set; }

    public long Updated { get; set; }

    public long Rejected { get; set; }

    /// <summary>What the server took neither as new nor as a change, and did not refuse.</summary>
    public long Skipped => Read - Inserted - Updated - Rejected;
}
