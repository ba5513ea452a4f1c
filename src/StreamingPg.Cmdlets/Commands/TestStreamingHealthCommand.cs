using System.Collections;
using System.Globalization;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Health;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Looks at what will stop a stream, or has stopped it.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingHealth", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(HealthResult), typeof(bool))]
public sealed class TestStreamingHealthCommand : ModelCmdlet
{
    /// <summary>Time from batch to batch.</summary>
    [Parameter(Position = 0)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Schedule { get; set; }

    /// <summary>How far rates look back.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Period { get; set; } = HealthOptions.DefaultPeriod;

    /// <summary>File with thresholds.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string? ThresholdPath { get; set; }

    /// <summary>Thresholds by the name of the check; these go before those of the file.</summary>
    [Parameter]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(ThresholdCompleter))]
    public Hashtable Threshold { get; set; } = [];

    /// <summary>The server ends a query that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = new HealthOptions().StatementTimeout;

    /// <summary>Gives a Boolean only: true when there is no warning and nothing critical, false also when nothing could be checked.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Lists the checks that found nothing, too, where the results go to a terminal.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    private HealthThresholds Thresholds => Threshold.Cast<DictionaryEntry>().Aggregate(
        ThresholdPath is null ? HealthThresholds.Default : HealthThresholds.Default.Load(ResolvePath(ThresholdPath)),
        static (thresholds, pair) =>
        {
            var name = $"{pair.Key}";
            return LanguagePrimitives.TryConvertTo<double[]>(pair.Value, CultureInfo.InvariantCulture, out var limits) && limits.Length == 2
                ? thresholds.With(name, limits[0], limits[1])
                : throw new StreamingException(
                    ErrorIds.InvalidThreshold,
                    StreamingErrorKind.InvalidInput,
                    $"The threshold of {name} is not two numbers.",
                    "Give the thresholds for a warning and for critical: -Threshold @{ Connections = 0.7, 0.9 }.",
                    name);
        });

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Health];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var options = new HealthOptions { Schedule = Schedule, Period = Period, Thresholds = Thresholds, StatementTimeout = StatementTimeout };
        var model = ReadModel();
        var connection = ResolveConnection();
        var results = new List<HealthResult>();
        var isBrief = !Quiet && !Detailed && TerminalOutput.IsDirect(this);
        Run(async (output, stopping) =>
        {
            await foreach (var result in HealthChecker.CheckAsync(connection, model, options, stopping).ConfigureAwait(false))
            {
                results.Add(result);
                if (!Quiet && !(isBrief && result.Status == HealthStatus.Ok))
                {
                    output.Write(result);
                }
            }

            if (isBrief)
            {
                output.Information(HealthChecker.Summary(results, $"{connection}"));
            }
        });

        if (Quiet)
        {
            WriteObject(HealthChecker.Verdict(results) == HealthStatus.Ok);
        }
    }
}
