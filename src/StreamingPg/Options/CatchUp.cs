namespace StreamingPg;

/// <summary>What a stream does about ticks missed while it was busy or its server was down.</summary>
public enum CatchUp
{
    /// <summary>They are skipped and counted as missed; the stream continues with the latest due tick.</summary>
    None,

    /// <summary>They run as soon as possible, one batch after the other.</summary>
    All,
}
