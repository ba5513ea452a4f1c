using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Health;

/// <summary>What the checks share: the database, the tables, the options, and how a value becomes a result.</summary>
internal sealed record HealthProbe(DatabaseConnection Connection, StreamModel Model, HealthOptions Options, CancellationToken CancellationToken)
{
    /// <summary>The result of a value that was measured.</summary>
    /// <param name="name">Name of the check.</param>
    /// <param name="target">What was looked at.</param>
    /// <param name="value">The value; null is fine.</param>
    /// <param name="advice">What to do when the value is not.</param>
    /// <param name="scale">What the thresholds are multiples of.</param>
    public HealthResult Result(string name, string target, double? value, string advice, double scale = 1)
    {
        var check = Options.Thresholds.Of(name);
        var (warning, critical) = (check.Warning * scale, check.Critical * scale);
        var sign = check.LowerIsWorse ? -1 : 1;
        var status = sign * value > sign * critical ? HealthStatus.Critical
            : sign * value > sign * warning ? HealthStatus.Warning
            : HealthStatus.Ok;
        return new HealthResult
        {
            Check = name,
            Object = target,
            Status = status,
            Value = value,
            Unit = check.Unit,
            Warning = warning,
            Critical = critical,
            LowerIsWorse = check.LowerIsWorse,
            Advice = status == HealthStatus.Ok ? "" : advice,
        };
    }

    /// <summary>The result of a value that is fine whatever it is.</summary>
    public HealthResult Fine(string name, string target, double? value, string remark = "") =>
        Result(name, target, value, "") with { Status = HealthStatus.Ok, Advice = remark };

    /// <summary>A result without a value.</summary>
    public HealthResult Without(string name, string target, HealthStatus status, string why) => new()
    {
        Check = name,
        Object = target,
        Status = status,
        Unit = Options.Thresholds.Of(name).Unit,
        Advice = why,
    };
}
