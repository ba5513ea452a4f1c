using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Commands;

/// <content>Fills the past.</content>
public sealed partial class InvokeStreamingBatchCommand
{
    private const string ByHistory = "History";

    /// <summary>Fills the time before -Until, this long, in order.</summary>
    [Parameter(ParameterSetName = ByHistory, Mandatory = true)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? History { get; set; }

    /// <summary>How the rate of events grew.</summary>
    [Parameter(ParameterSetName = ByHistory)]
    public GrowthCurve Growth { get; set; }

    /// <summary>The rate at the end of the history divided by that at its beginning.</summary>
    [Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(1.0, HistoryModel.MaxGrowthFactor)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double GrowthFactor { get; set; } = HistoryModel.DefaultGrowthFactor;

    /// <summary>Share of the people who leave within 30 days.</summary>
    [Parameter(ParameterSetName = ByHistory)]
    [ValidateRange(0.0, HistoryModel.MaxChurn)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public double Churn { get; set; }

    private HistoryOptions HistoryOf(TimeSpan length) => new()
    {
        Length = length,
        Until = Until?.UtcDateTime,
        Growth = Growth,
        GrowthFactor = GrowthFactor,
        Churn = Churn,
        Interval = Interval,
        BatchesPerSecond = BatchesPerSecond,
    };
}
