namespace StreamingPg;

/// <summary>What event times are counted by.</summary>
public enum EventTimeGrouping
{
    /// <summary>By weekday, with the hours of the day.</summary>
    Weekday,

    /// <summary>Over time, beside the rows that were loaded.</summary>
    Time,

    /// <summary>By the time from an event to the reference time of its batch.</summary>
    Lateness,
}
