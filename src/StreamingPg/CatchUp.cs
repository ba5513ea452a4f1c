namespace StreamingPg;

/// <summary>What a stream does about ticks that went by while it was busy or its server was away.</summary>
public enum CatchUp
{
    /// <summary>They are left out and counted as missed; the stream goes on with the latest tick that is due.</summary>
    None,

    /// <summary>They are made up for at once, one batch after the other.</summary>
    All,
}
