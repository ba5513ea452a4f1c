using System.Globalization;

namespace StreamingPg;

/// <summary>The result of one health check on one object.</summary>
public sealed record HealthResult
{
    /// <summary>Name of the check, such as <c>BatchAge</c>; thresholds go by it.</summary>
    public required string Check { get; init; }

    /// <summary>What was looked at: a table, a sequence, a slot, the server.</summary>
    public required string Object { get; init; }

    /// <summary>What was found.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>The measured value, in <see cref="Unit"/>; null when there is none.</summary>
    public double? Value { get; init; }

    /// <summary>What <see cref="Value"/> counts.</summary>
    public required HealthUnit Unit { get; init; }

    /// <summary>Beyond this it is a warning; null when the check has no such value.</summary>
    public double? Warning { get; init; }

    /// <summary>Beyond this it is critical; null when the check has no such value.</summary>
    public double? Critical { get; init; }

    /// <summary>True when beyond a threshold means below it.</summary>
    public bool LowerIsWorse { get; init; }

    /// <summary>The thresholds in words, such as <c>&gt; 30.0 s, 2 min</c>: warning first.</summary>
    public string Threshold
    {
        get
        {
            var sign = LowerIsWorse ? "<" : ">";
            return Warning is null || Critical is null ? "" : $"{sign} {Text(Warning)}, {Text(Critical)}";
        }
    }

    /// <summary>The value in words, such as <c>12 %</c>.</summary>
    public string ValueText => Text(Value);

    /// <summary>What to do, or why nothing is known; empty when there is nothing to say.</summary>
    public string Advice { get; init; } = "";

    private string Text(double? value) => (value, Unit) switch
    {
        (null, _) => "",
        ({ } seconds, HealthUnit.Seconds) => DisplayText.Duration(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue))),
        ({ } days, HealthUnit.Days) => days >= 10 * 365
            ? "> 10 years"
            : string.Create(CultureInfo.InvariantCulture, $"{days:0.#} days"),
        ({ } share, HealthUnit.Share) => string.Create(CultureInfo.InvariantCulture, $"{100 * share:0.#} %"),
        ({ } bytes, HealthUnit.Bytes) => DisplayText.Bytes((long)bytes),
        ({ } events, _) => string.Create(CultureInfo.InvariantCulture, $"{events:0.##}"),
    };
}
