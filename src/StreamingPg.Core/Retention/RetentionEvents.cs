using StreamingPg.Core.Telemetry;

namespace StreamingPg.Core.Retention;

/// <summary>The events of retention.</summary>
internal static class RetentionEvents
{
    public static BatchEvent Of(RemovalResult result) => new()
    {
        Name = BatchEvent.Removed,
        Text = $"Removed {DisplayText.Count(result.Removed)} rows of before {DisplayText.Instant(result.Before)} from \"{result.Table}\" in "
            + $"{DisplayText.Duration(result.Duration)}; {DisplayText.Count(result.Kept)} stay because others refer to them.",
        Figures =
        [
            BatchEvent.Figure("table", result.Table),
            BatchEvent.Figure("examined", result.Examined),
            BatchEvent.Figure("removed", result.Removed),
            BatchEvent.Figure("kept", result.Kept),
            BatchEvent.Figure("seconds", result.Duration.TotalSeconds),
        ],
    };

    public static BatchEvent LedgerSummedUp(long rows) => new()
    {
        Name = BatchEvent.LedgerSummedUp,
        Text = $"Summed up {DisplayText.Count(rows)} old rows of the ledger by day.",
        Figures = [BatchEvent.Figure("rows", rows)],
    };

    public static BatchEvent PutOff(StreamingException error) => new()
    {
        Name = BatchEvent.RetentionPutOff,
        Text = $"Old rows stay for now. {error.Message}",
        Error = error,
    };
}
