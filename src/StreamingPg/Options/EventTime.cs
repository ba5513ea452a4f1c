namespace StreamingPg;

/// <summary>When the events of a batch happen.</summary>
public enum EventTime
{
    /// <summary>At any time before the reference time: spread over a time span.</summary>
    Spread,

    /// <summary>Now: since the tick before, so that a stream's rows are as old as they look.</summary>
    Now,
}
