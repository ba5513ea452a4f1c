using System.Collections.Concurrent;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Integration.Faults;

/// <summary>Keeps the events it gets.</summary>
internal sealed class EventList : IProgress<BatchEvent>
{
    private readonly ConcurrentQueue<BatchEvent> _events = [];

    public IEnumerable<BatchEvent> Events => _events;

    public IEnumerable<BatchEvent> Retries => _events.Where(item => item.Name == BatchEvent.Retry);

    public void Report(BatchEvent value) => _events.Enqueue(value);
}
