namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>A measurement: the value of a sum or gauge, or the sum of a histogram and how many values it has.</summary>
internal sealed record OtlpPoint(string Metric, string Unit, IReadOnlyDictionary<string, string> Tags, double Value, long Count);
