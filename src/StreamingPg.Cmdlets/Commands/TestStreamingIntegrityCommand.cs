using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Integrity;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Looks for rows that break integrity.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingIntegrity", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(IntegrityResult), typeof(bool))]
public sealed class TestStreamingIntegrityCommand : ModelCmdlet
{
    /// <summary>Names of the checks to run, with wildcards; without it all of them.</summary>
    [Parameter(Position = 0)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(CheckCompleter))]
    public string[] Check { get; set; } = [];

    /// <summary>Gives a Boolean only: true if no error was found and no check failed; warnings do not count.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <summary>Lists the checks that found nothing, too, where the results go to a terminal.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Check];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        var results = new List<IntegrityResult>();
        var isBrief = !Quiet && !Detailed && TerminalOutput.IsDirect(this);
        Run(async (output, stopping) =>
        {
            await foreach (var result in IntegrityChecker.CheckAsync(connection, model, Check, stopping).ConfigureAwait(false))
            {
                results.Add(result);
                if (!Quiet && !(isBrief && result.Status <= IntegrityStatus.NothingToCheck))
                {
                    output.Write(result);
                }
            }

            if (isBrief)
            {
                output.Information(IntegrityChecker.Summary(results, $"{connection}"));
            }
        });

        if (Quiet)
        {
            WriteObject(IntegrityChecker.Verdict(results) == IntegrityStatus.Passed);
        }
    }
}
