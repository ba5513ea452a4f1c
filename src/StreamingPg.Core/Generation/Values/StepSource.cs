namespace StreamingPg.Core.Generation.Values;

/// <summary>Which step of a scale a row has.</summary>
internal abstract class StepSource
{
    /// <summary>The step of a row.</summary>
    public abstract long At(long row);
}
