namespace StreamingPg;

/// <summary>How the rate of events varies over the week.</summary>
public enum RatePattern
{
    /// <summary>Not at all.</summary>
    Flat,

    /// <summary>As in an online shop: quiet nights, busy evenings, a little more at the end of the week.</summary>
    Shop,

    /// <summary>As in an office: from Monday to Friday, with a break at noon.</summary>
    Office,
}
