using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Growth;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Watches the tables grow.</summary>
[Cmdlet(VerbsCommon.Watch, "StreamingGrowth", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(TableRate))]
public sealed class WatchStreamingGrowthCommand : ModelCmdlet
{
    /// <summary>Time between refreshes.</summary>
    [Parameter(Position = 0)]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan Interval { get; set; } = WatchOptions.DefaultInterval;

    /// <summary>Stop after this many refreshes.</summary>
    [Parameter]
    [ValidateRange(1L, long.MaxValue)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public long? Count { get; set; }

    /// <summary>Stop after this long.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan? Duration { get; set; }

    /// <summary>Count the rows at each refresh.</summary>
    [Parameter]
    public SwitchParameter Exact { get; set; }

    /// <inheritdoc/>
    private protected override IReadOnlyList<ConnectionPurpose> Purposes => [ConnectionPurpose.Growth];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var options = new WatchOptions { Interval = Interval, Count = Count, Duration = Duration, Exact = Exact };
        var model = ReadModel();
        var connection = ResolveConnection();
        var screen = TerminalOutput.IsDirect(this) ? new GrowthScreen($"{connection}") : null;
        var looks = GrowthWatch.WatchAsync(connection, model, options, TimeProvider.System, StoppingToken).GetAsyncEnumerator(StoppingToken);
        try
        {
            while (Await(_ => looks.MoveNextAsync().AsTask()))
            {
                if (screen is null)
                {
                    WriteObject(looks.Current, enumerateCollection: true);
                }
                else
                {
                    Host.UI.Write(screen.Text(looks.Current, Host.UI.RawUI.WindowSize.Width, Host.UI.RawUI.WindowSize.Height));
                }
            }
        }
        finally
        {
            looks.DisposeAsync().AsTask().GetAwaiter().GetResult();
        }
    }
}
