using System.Diagnostics.Tracing;

namespace StreamingPg.Core.Telemetry;

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
