using System.Globalization;

namespace StreamingPg;

/// <summary>The result of one health check on one object.</summary>
public sealed record HealthResult
{
    /// <summary>Name of the check, such as <c>BatchAge</c>; also the name of its thresholds.</summary>
    public required string Check { get; init; }

    /// <summary>The checked object: a table, a sequence, a slot or the server.</summary>
    public required string Object { get; init; }

    /// <summary>The status.</summary>
    public required HealthStatus Status { get; init; }

    /// <summary>The measured value, in <see cref="Unit"/>; null if there is none.</summary>
    public double? Value { get; init; }

    /// <summary>Unit of <see cref="Value"/>.</summary>
    public required HealthUnit Unit { get; init; }

    /// <summary>Threshold for a warning; null if the check has none.</summary>
    public double? Warning { get; init; }

    /// <summary>Threshold for critical; null if the check has none.</summary>
    public double? Critical { get; init; }

    /// <summary>True if values below a threshold are worse.</summary>
    public bool LowerIsWorse { get; init; }

    /// <summary>The thresholds as text, such as <c>&gt; 30.0 s, 2 min</c>: warning first.</summary>
    public string Threshold
    {
        get
        {
            var sign = LowerIsWorse ? "<" : ">";
            return Warning is null || Critical is null ? "" : $"{sign} {Text(Warning)}, {Text(Critical)}";
        }
    }

    /// <summary>The value as text, such as <c>12 %</c>.</summary>
    public string ValueText => Text(Value);

    /// <summary>What to do, or why the status is unknown; may be empty.</summary>
    public string Advice { get; init; } = "";

    private string Text(double? value) => (value, Unit) switch
    {
        (null, _) => "",
        ({ } seconds, HealthUnit.Seconds) => DisplayText.Duration(TimeSpan.FromSeconds(Math.Min(seconds, int.MaxValue))),
        ({ } days, HealthUnit.Days) => days >= 10 * 365
            ? "> 10 years"
            : string.Create(CultureInfo.InvariantCulture, $"{days:0.#} days"),
        ({ } share, HealthUnit.Share) => DisplayText.Percent(share),
        ({ } bytes, HealthUnit.Bytes) => DisplayText.Bytes((long)bytes),
        ({ } events, _) => string.Create(CultureInfo.InvariantCulture, $"{events:0.##}"),
    };
}

/// <summary>The status of a health check.</summary>
public enum HealthStatus
{
    /// <summary>Nothing to do.</summary>
    Ok,

    /// <summary>The status could not be determined; the advice says why.</summary>
    Unknown,

    /// <summary>Needs attention soon.</summary>
    Warning,

    /// <summary>Needs attention now.</summary>
    Critical,
}

/// <summary>Unit of the value of a health check.</summary>
public enum HealthUnit
{
    /// <summary>Seconds.</summary>
    Seconds,

    /// <summary>Days.</summary>
    Days,

    /// <summary>A share, 0 to 1.</summary>
    Share,

    /// <summary>Events per batch.</summary>
    PerBatch,

    /// <summary>Bytes.</summary>
    Bytes,
}
