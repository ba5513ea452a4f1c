using StreamingPg.Core.Catalog;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading;

/// <summary>
/// Notices that somebody changed the columns or keys of the tables: between the batches of a stream, or since the metadata was written.
/// </summary>
/// <param name="action">What happens then.</param>
/// <param name="events">Gets the changes that the stream or batch adapts to; may be null.</param>
internal sealed class SchemaChangeDetector(TableChangeAction action, IProgress<BatchEvent>? events)
{
    private readonly object _lock = new();
    private LiveSchema? _known;
    private LiveSchema? _wider;
    private (StreamModel Given, StreamModel Adapted)? _adapted;

    /// <summary>The model with the types of the columns that turned out to be wider than those of the metadata.</summary>
    public StreamModel Adapt(StreamModel model)
    {
        lock (_lock)
        {
            if (_wider is null)
            {
                return model;
            }

            // The same model every time: what is remembered of the tables is remembered by it.
            _adapted = _adapted is { } last && last.Given == model ? last : (model, Widening.Adapt(model, _wider));
            return _adapted.Value.Adapted;
        }
    }

    /// <summary>Takes note of tables that take all that the metadata says, and more.</summary>
    /// <exception cref="StreamingException">The stream or batch is to end then.</exception>
    public void Adapt(TablesWidenedException tables, StreamingConnection connection)
    {
        if (action == TableChangeAction.Stop && !tables.OnlyKeys)
        {
            throw tables.Error;
        }

        lock (_lock)
        {
            _wider = tables.Live;
            _adapted = null;
            if (_known is null && !tables.OnlyKeys)
            {
                Report($"The tables in {connection} are wider than the metadata says: {string.Join("; ", tables.Differences)}.");
            }
        }
    }

    /// <summary>Compares the tables, which take the rows of the stream, with what they were for the batch before.</summary>
    /// <exception cref="StreamingException">They changed, and the stream is to end then.</exception>
    public void Look(LiveSchema now, StreamingConnection connection)
    {
        lock (_lock)
        {
            var changes = _known is null || ReferenceEquals(_known, now) ? [] : ShapeDifference.Find(_known, now);
            if (changes.Count > 0)
            {
                var text = $"The tables in {connection} changed: {string.Join("; ", changes)}.";
                if (action == TableChangeAction.Stop && ShapeDifference.Find(KeyTypes.AsLive(_known!, now), now).Count > 0)
                {
                    throw new StreamingException(
                        ErrorIds.TablesChanged,
                        StreamingErrorKind.SchemaMismatch,
                        text,
                        "Start the stream again if this was intended. With -OnSchemaChange Adapt (--on-schema-change Adapt) a stream continues if its rows still fit.",
                        connection);
                }

                Report(text);
            }

            _known = now;
        }
    }

    private void Report(string text) =>
        events?.Report(new BatchEvent { Name = BatchEvent.TablesChanged, Text = text + " Loading continues, because the rows still fit." });
}
