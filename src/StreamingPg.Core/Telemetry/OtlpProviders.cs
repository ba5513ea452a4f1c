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
