using System.Collections.Concurrent;
using System.Globalization;

namespace StreamingPg.Tests.Integration.Telemetry;

/// <summary>What a receiver was sent. Field numbers are those of OTLP's collector services.</summary>
internal sealed class OtlpData
{
    /// <summary>Temporality of counters that tell what is new since they were last sent.</summary>
    public const long Delta = 1;

    /// <summary>The measurements of the last request that had any.</summary>
    public IReadOnlyList<OtlpPoint> Points { get; private set; } = [];

    /// <summary>Names of all metrics that any request had.</summary>
    public ConcurrentDictionary<string, bool> Metrics { get; } = [];

    /// <summary>Whether counters tell what is new, or all so far.</summary>
    public long Temporality { get; private set; }

    /// <summary>All spans.</summary>
    public ConcurrentQueue<OtlpSpan> Spans { get; } = [];

    /// <summary>Attributes of the process that sent it.</summary>
    public IReadOnlyDictionary<string, string> Resource { get; private set; } = new Dictionary<string, string>();

    /// <summary>The value of a metric, of those points that have the tag.</summary>
    public double Value(string metric, string tag = "server.port", string? value = null) => Matching(metric, tag, value).Sum(point => point.Value);

    /// <summary>How many values a histogram has.</summary>
    public long Count(string metric, string tag = "server.port", string? value = null) => Matching(metric, tag, value).Sum(point => point.Count);

    /// <summary>Takes a request.</summary>
    public void Add(byte[] body, bool isMetrics)
    {
        var request = new ProtobufMessage(body);
        foreach (var resource in request.All(1))
        {
            Resource = Tags(resource.One(1), 1);
            if (isMetrics)
            {
                Points = [.. resource.All(2).SelectMany(scope => scope.All(2)).SelectMany(PointsOf)];
                Temporality = resource.All(2).SelectMany(scope => scope.All(2))
                    .Where(metric => metric.Has(7) && metric.Text(1).StartsWith("streamingpg.", StringComparison.Ordinal))
                    .Select(metric => metric.One(7).Integer(2)).LastOrDefault(Temporality);
                foreach (var point in Points)
                {
                    Metrics[point.Metric] = true;
                }

                continue;
            }

            foreach (var span in resource.All(2).SelectMany(scope => scope.All(2)))
            {
                Spans.Enqueue(SpanOf(span));
            }
        }
    }

    private IEnumerable<OtlpPoint> Matching(string metric, string tag, string? value) =>
        Points.Where(point => point.Metric == metric && (value is null || point.Tags.GetValueOrDefault(tag) == value));

    private static IEnumerable<OtlpPoint> PointsOf(ProtobufMessage metric)
    {
        var (name, unit) = (metric.Text(1), metric.Text(3));
        var numbers = metric.One(5).All(1).Concat(metric.One(7).All(1)).Select(point =>
            new OtlpPoint(name, unit, Tags(point, 7), point.Has(4) ? point.Double(4) : point.Integer(6), 1));
        return numbers.Concat(metric.One(9).All(1).Select(point =>
            new OtlpPoint(name, unit, Tags(point, 9), point.Double(5), point.Integer(4))));
    }

    private static OtlpSpan SpanOf(ProtobufMessage span) => new(
        span.Text(5),
        Convert.ToHexString(span.Bytes(2)),
        Convert.ToHexString(span.Bytes(4)),
        Tags(span, 9),
        [.. span.All(11).Select(one => $"{one.Text(2)} {string.Join(' ', Tags(one, 3).Select(tag => $"{tag.Key}={tag.Value}"))}")],
        span.One(15).Integer(3));

    private static Dictionary<string, string> Tags(ProtobufMessage message, int number) => message.All(number).ToDictionary(
        tag => tag.Text(1),
        tag => tag.One(2).Has(1) ? tag.One(2).Text(1) : tag.One(2).Integer(3).ToString(CultureInfo.InvariantCulture));
}
