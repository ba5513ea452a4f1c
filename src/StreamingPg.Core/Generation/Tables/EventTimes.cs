using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Tables;

/// <summary>When the events of a batch happen. How times follow from it is the rule of one class, EventRule.</summary>
internal sealed record EventTimes
{
    /// <summary>Spread over the usual span of each table.</summary>
    public static EventTimes Usual { get; } = new();

    /// <summary>True for events of the last <see cref="Span"/> only, those of existing parents included; false to spread them.</summary>
    public bool IsNow { get; init; }

    /// <summary>How far before the reference time events lie; null for the usual span of each table.</summary>
    public TimeSpan? Span { get; init; }

    /// <summary>How they vary over the week; null for evenly.</summary>
    public RhythmModel? Rhythm { get; init; }

    /// <summary>The history of <see cref="Span"/> that they are, in the order of the rows; null for none.</summary>
    public HistoryModel? History { get; init; }

    /// <summary>Rows of now that happened earlier; null for none.</summary>
    public LateModel? Late { get; init; }
}
