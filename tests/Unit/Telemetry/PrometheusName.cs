using System.Diagnostics.Metrics;
using StreamingPg.Core.Discovery;

namespace StreamingPg.Tests.Unit.Telemetry;

/// <summary>What Prometheus calls an instrument that came to it by OTLP (OpenTelemetry's "Prometheus and OpenMetrics compatibility").</summary>
internal static class PrometheusName
{
    private static readonly Dictionary<string, string> Units = new() { ["s"] = "_seconds", ["By"] = "_bytes" };

    public static IEnumerable<string> Of(Instrument instrument)
    {
        var kind = instrument.GetType().Name.Split('`')[0];
        var name = instrument.Name.Replace('.', '_') + Units.GetValueOrDefault(instrument.Unit ?? "", "");
        return kind switch
        {
            "Counter" or "ObservableCounter" => [name + "_total"],
            "Histogram" => [name + "_bucket", name + "_sum", name + "_count"],
            _ => [name],
        };
    }
}
