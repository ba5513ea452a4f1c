using StreamingPg.Core.Connections;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading.Batches;

/// <summary>A batch of which the ledger has one chunk at least.</summary>
internal sealed class LedgeredBatch
{
    private readonly IReadOnlyList<LedgerRow> _rows;
    private readonly BatchRequest _request;

    private LedgeredBatch(IReadOnlyList<LedgerRow> rows, BatchRequest request)
    {
        _rows = rows;
        _request = request;
    }

    /// <summary>The chunks that are committed.</summary>
    public IEnumerable<ChunkResult> Loaded => _rows.Where(row => !row.IsClosed).Select(row => ChunkOf(_request.Model, row));

    /// <summary>True when the ledger has nothing of the batch.</summary>
    public bool IsUnknown => _rows.Count == 0;

    /// <summary>True when the batch was closed with chunks missing.</summary>
    public bool IsClosed => _rows.Any(row => row.IsClosed);

    /// <summary>Numbers of the chunks that are committed.</summary>
    public IEnumerable<int> LoadedNumbers => _rows.Select(row => row.Chunk);

    /// <summary>Numbers of the chunks that are not.</summary>
    public IReadOnlyList<int> Missing => [.. Enumerable.Range(0, _rows[0].Chunks).Except(_rows.Select(row => row.Chunk))];

    /// <summary>Reads what the ledger has of a batch.</summary>
    public static async Task<LedgeredBatch> ReadAsync(
        DatabaseConnection connection, BatchRequest request, CancellationToken cancellationToken)
    {
        await using var session = await Session.BeginAsync(connection, SessionKind.Read, cancellationToken).ConfigureAwait(false);
        return new LedgeredBatch(
            await BatchLedger.ReadAsync(session.Open, connection.Schema, request.BatchId, cancellationToken).ConfigureAwait(false), request);
    }

    /// <summary>The plan to load the missing chunks by.</summary>
    /// <exception cref="StreamingException">Nobody asked to resume the batch, or its plan does not fit the tables.</exception>
    public BatchPlan PlanToResume()
    {
        if (!_request.Options.Resume)
        {
            throw new StreamingException(
                ErrorIds.BatchIncomplete,
                StreamingErrorKind.InvalidInput,
                $"Batch {_request.BatchId} has {_rows.Count} of its {_rows[0].Chunks} chunks in the ledger: it stopped midway, or is still being loaded.",
                "Resume it with -Resume (--resume).",
                _request.BatchId);
        }

        return Plan();
    }

    /// <summary>The plan that the first chunk left, for the tables of the request.</summary>
    /// <exception cref="StreamingException">It does not fit the tables.</exception>
    public BatchPlan Plan() => PlanJson.Read(_request.Model, _rows[0]);

    /// <summary>What a chunk did, as the ledger says.</summary>
    public static ChunkResult ChunkOf(StreamModel model, LedgerRow row) => new(
        new BatchPlan
        {
            Model = model,
            Seed = row.Seed,
            BatchNumber = row.BatchNumber,
            ReferenceTime = row.ReferenceTime,
            KeyTime = 0,
            Rows = row.Rows,
            Chunks = row.Chunks,
        },
        row.Rows,
        new ForeignKeyDecision(row.Check, "as the ledger says"),
        default,
        row.CommittedAt,
        AlreadyLoaded: true);
}
