namespace StreamingPg.Core.Telemetry;

/// <summary>
/// Exports meter and spans by OTLP while it lives, where OTEL_EXPORTER_OTLP_ENDPOINT says so. Streams that run at the same time in
/// one process share the exporter, since each measurement must be sent once. Whatever becomes of the export, batches go on.
/// </summary>
internal sealed class OtlpExport : IAsyncDisposable
{
    /// <summary>Where to export to; the other variables of OpenTelemetry's specification apply too.</summary>
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>How: <c>grpc</c> (the default) or <c>http/protobuf</c>.</summary>
    public const string ProtocolVariable = "OTEL_EXPORTER_OTLP_PROTOCOL";

    /// <summary>An endpoint that takes longer for the last measurements is left behind.</summary>
    public static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(3);

    private static readonly object Sync = new();
    private static readonly List<OtlpExport> Exports = [];
    private static OtlpProviders? _providers;

    private readonly Action<string> _warn;
    private bool _hasWarned;

    private OtlpExport(Action<string> warn) => _warn = warn;

    /// <summary>Begins to export; null when nobody asked for it.</summary>
    /// <param name="warn">Gets a warning, once, when the export does not work; from any thread.</param>
    public static OtlpExport? Start(Action<string> warn)
    {
        ArgumentNullException.ThrowIfNull(warn);
        if (Environment.GetEnvironmentVariable(EndpointVariable) is not { Length: > 0 } endpoint)
        {
            return null;
        }

        var protocol = Environment.GetEnvironmentVariable(ProtocolVariable);
        if (WhyImpossible(endpoint, protocol) is { } reason)
        {
            warn($"Metrics and traces are not exported: {reason}");
            return null;
        }

        return Join(new OtlpExport(warn));
    }

    /// <summary>Sends what is left, for at most <see cref="FlushTimeout"/>; the last one ends the export.</summary>
    public async ValueTask DisposeAsync()
    {
        OtlpProviders? ended = null;
        lock (Sync)
        {
            if (!Exports.Contains(this))
            {
                return;
            }

            if (Exports.Count == 1)
            {
                (ended, _providers) = (_providers, null);
            }
        }

        var isSent = await (ended?.ShutDownAsync(FlushTimeout) ?? FlushAsync()).ConfigureAwait(false);
        ended?.Dispose();
        if (!isSent)
        {
            Warn($"the endpoint did not accept the last data within {FlushTimeout.TotalSeconds:0} s");
        }

        lock (Sync)
        {
            Exports.Remove(this);
        }
    }

    /// <summary>Tells every user of the export, each once, that it does not work.</summary>
    internal static void Fail(string reason)
    {
        lock (Sync)
        {
            foreach (var export in Exports)
            {
                export.Warn(reason);
            }
        }
    }

    private static Task<bool> FlushAsync() => _providers?.FlushAsync(FlushTimeout) ?? Task.FromResult(true);

    private static OtlpExport Join(OtlpExport export)
    {
        lock (Sync)
        {
            Exports.Add(export);
            _providers ??= OtlpProviders.Start();
            return export;
        }
    }

    private static string? WhyImpossible(string endpoint, string? protocol) =>
        !Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
            ? $"{EndpointVariable} is not a URL such as http://localhost:4317."
            : protocol is null or "" or "grpc" or "http/protobuf"
                ? null
                : $"{ProtocolVariable} is '{protocol}'; use grpc or http/protobuf.";

    private void Warn(string reason)
    {
        lock (Sync)
        {
            if (!_hasWarned)
            {
                _hasWarned = true;
                _warn($"The export of metrics and traces failed: {reason}. Batches continue without it; this warning appears once.");
            }
        }
    }
}
