using StreamingPg.Core.Catalog;
using StreamingPg.Core.Schema;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Loading;

/// <summary>Notices between the batches of a stream that somebody changed the columns or keys of its tables.</summary>
/// <param name="action">What happens then.</param>
/// <param name="events">Gets the changes that the stream adapts to; may be null.</param>
internal sealed class SchemaChangeDetector(TableChangeAction action, IProgress<BatchEvent>? events)
{
    private readonly object _lock = new();
    private LiveSchema? _known;

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
                if (action == TableChangeAction.Stop)
                {
                    throw new StreamingException(
                        ErrorIds.TablesChanged,
                        StreamingErrorKind.SchemaMismatch,
                        text,
                        "Start the stream again if this was intended. With -OnSchemaChange Adapt (--on-schema-change Adapt) a stream continues if its rows still fit.",
                        connection);
                }

                events?.Report(new BatchEvent { Name = BatchEvent.TablesChanged, Text = text + " The stream continues, because its rows still fit." });
            }

            _known = now;
        }
    }
}
