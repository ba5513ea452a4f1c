using System.Diagnostics.Tracing;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Telemetry;

/// <summary>OpenTelemetry's exporters. Its assemblies are loaded when this type is first used, and not before.</summary>
internal sealed class OtlpProviders : IDisposable
{
    /// <summary>Npgsql's own meter: it has the use of the connection pool.</summary>
    private const string NpgsqlMeter = "Npgsql";

    private readonly OtlpFailureListener _failures = new();
    private readonly MeterProvider? _meters;
    private readonly TracerProvider? _tracers;
    private bool _isShutDown;

    private OtlpProviders()
    {
        // What the user says in OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES comes last and so wins.
        var resource = ResourceBuilder.CreateEmpty()
            .AddTelemetrySdk()
            .AddService("streamingpg", serviceVersion: ConnectionDefaults.Version)
            .AddEnvironmentVariableDetector();
        if (IsWanted("OTEL_METRICS_EXPORTER"))
        {
            _meters = Sdk.CreateMeterProviderBuilder()
                .SetResourceBuilder(resource)
                .AddMeter(TelemetryName.Source, NpgsqlMeter)
                .AddOtlpExporter()
                .Build();
        }

        if (IsWanted("OTEL_TRACES_EXPORTER"))
        {
            _tracers = Sdk.CreateTracerProviderBuilder()
                .SetResourceBuilder(resource)
                .AddSource(TelemetryName.Source)
                .AddOtlpExporter()
                .Build();
        }
    }

    /// <summary>Starts to export.</summary>
    public static OtlpProviders Start() => new();

    /// <summary>Sends what there is.</summary>
    /// <returns>False when that took too long or failed.</returns>
    public Task<bool> FlushAsync(TimeSpan timeout) =>
        WithinAsync(timeout, left => _meters?.ForceFlush(left) ?? true, left => _tracers?.ForceFlush(left) ?? true);

    /// <summary>Sends what there is and stops.</summary>
    /// <returns>False when that took too long or failed; then it is left behind.</returns>
    public async Task<bool> ShutDownAsync(TimeSpan timeout) => _isShutDown = await WithinAsync(
        timeout, left => _meters?.Shutdown(left) ?? true, left => _tracers?.Shutdown(left) ?? true).ConfigureAwait(false);

    /// <summary>Frees what is no longer in use: an exporter that still waits for its endpoint keeps what it has.</summary>
    public void Dispose()
    {
        _failures.Dispose();
        if (_isShutDown)
        {
            _meters?.Dispose();
            _tracers?.Dispose();
        }
    }

    private static bool IsWanted(string variable) => Environment.GetEnvironmentVariable(variable) != "none";

    /// <summary>Both at once, each on a thread that may be left behind: a process does not wait for it to end.</summary>
    private static async Task<bool> WithinAsync(TimeSpan timeout, params Func<int, bool>[] steps)
    {
        var milliseconds = (int)timeout.TotalMilliseconds;
        var all = Task.WhenAll(steps.Select(step => Task.Run(() => step(milliseconds))));
        return await Task.WhenAny(all, Task.Delay(timeout)).ConfigureAwait(false) == all
            && Array.TrueForAll(await all.ConfigureAwait(false), static sent => sent);
    }
}

/// <summary>Hears what OpenTelemetry's exporter complains of, which it says nowhere else.</summary>
internal sealed class OtlpFailureListener : EventListener
{
    private const string Exporter = "OpenTelemetry-Exporter-OpenTelemetryProtocol";

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name == Exporter)
        {
            // A refused connection is but a warning to it.
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        if (eventData.EventSource.Name == Exporter)
        {
            var details = eventData.Payload?.Select(detail => $"{detail}").Where(detail => detail.Length > 0).ToList() ?? [];
            OtlpExport.Fail($"{Endpoint(details)}{Cause(details) ?? eventData.EventName}");
        }
    }

    /// <summary>The endpoint without what may be secret in it: a user's password, a key in its path.</summary>
    private static string Endpoint(List<string> details) =>
        details.Select(detail => Uri.TryCreate(detail, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null)
            .FirstOrDefault(uri => uri is not null) is { } endpoint
            ? $"{endpoint.GetComponents(UriComponents.SchemeAndServer, UriFormat.UriEscaped)}: "
            : "";

    /// <summary>First line of the exception, which comes last, without its type.</summary>
    private static string? Cause(List<string> details)
    {
        if (details.LastOrDefault(detail => detail.Contains("Exception: ", StringComparison.Ordinal)) is not { } exception)
        {
            return null;
        }

        var line = exception.Split('\n', 2)[0].Trim().TrimEnd('.');
        return line[(line.IndexOf(": ", StringComparison.Ordinal) + 2)..];
    }
}
