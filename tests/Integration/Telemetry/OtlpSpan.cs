namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>A span. Its status is 0 when nothing was said, 2 when it failed.</summary>
internal sealed record OtlpSpan(
    string Name, string Id, string Parent, IReadOnlyDictionary<string, string> Tags, IReadOnlyList<string> Events, long Status);
