using System.Diagnostics;
using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Looks for rows that break integrity.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingIntegrity", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(IntegrityResult), typeof(bool))]
public sealed class TestStreamingIntegrityCommand : ModelCmdlet
{
    private readonly List<Guid> _batches = [];

    /// <summary>Names of the checks to run, with wildcards; without it all of them.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CheckCompleter))]
    public string[] Check { get; set; } = [];

    /// <summary>Only rows of these batches; the objects of Get-StreamingBatch are taken together.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(BatchIdCompleter))]
    public Guid[] BatchId { get; set; } = [];

    /// <summary>Only rows of batches and imports committed at or after this time.</summary>
    [Parameter]
    [Instant]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public DateTime? Since { get; set; }

    /// <summary>Connections that check at the same time.</summary>
    [Parameter]
    [ValidateRange(1, BatchOptions.MaxConnections)]
    [Alias("ThrottleLimit")]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public int Parallel { get; set; } = IntegrityOptions.DefaultConnections;

    /// <summary>Gives a Boolean only: true if no error was found and no check failed; warnings do not count.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Lists the checks that found nothing, too, where the results go to a terminal.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Check];

    /// <inheritdoc/>
    protected override void OnRecord() => _batches.AddRange(BatchId);

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        if (MyInvocation.ExpectingInput && _batches.Count == 0)
        {
            return; // no batch came, so there is nothing to check: not everything
        }

        var options = new IntegrityOptions { Checks = Check, Batches = [.. _batches.Distinct()], Since = Since, Parallel = Parallel };
        var model = ReadModel();
        var connection = ResolveConnection();
        var results = new List<IntegrityResult>();
        var isBrief = !Quiet && !Detailed && TerminalOutput.IsDirect(this);
        Run(async (output, stopping) =>
        {
            var begin = Stopwatch.GetTimestamp();
            await foreach (var result in IntegrityChecker.CheckAsync(connection, model, options, stopping).ConfigureAwait(false))
            {
                results.Add(result);
                if (!Quiet && !(isBrief && result.Status <= IntegrityStatus.NothingToCheck))
                {
                    output.Write(result);
                }
            }

            if (isBrief)
            {
                output.Information(IntegrityChecker.Summary(results, Stopwatch.GetElapsedTime(begin), $"{connection}"));
            }
        });

        if (Quiet)
        {
            WriteObject(IntegrityChecker.Verdict(results) == IntegrityStatus.Passed);
        }
    }
}
