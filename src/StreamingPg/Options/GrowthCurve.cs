namespace StreamingPg;

/// <summary>How the rate of events grows over a history.</summary>
public enum GrowthCurve
{
    /// <summary>Not at all.</summary>
    Flat,

    /// <summary>By the same amount every day.</summary>
    Linear,

    /// <summary>By the same share every day.</summary>
    Exponential,

    /// <summary>Slowly, then fast, then slowly again.</summary>
    Logistic,
}
