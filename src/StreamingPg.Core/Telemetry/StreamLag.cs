using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>The running streams of this process, each with how far it is behind its schedule at this moment.</summary>
internal sealed class StreamLag : IDisposable
{
    private static readonly ConcurrentDictionary<StreamLag, Func<TimeSpan>> Running = [];

    private readonly DatabaseConnection _connection;

    /// <param name="connection">The database.</param>
    /// <param name="lag">Tells the lag; called from any thread.</param>
    public StreamLag(DatabaseConnection connection, Func<TimeSpan> lag)
    {
        _connection = connection;
        Running[this] = lag;
    }

    public static IEnumerable<Measurement<double>> Observe() =>
        Running.Select(static stream => new Measurement<double>(stream.Value().TotalSeconds, DatabaseTags.Of(stream.Key._connection)));

    /// <summary>The stream ended.</summary>
    public void Dispose() => Running.TryRemove(this, out _);
}
