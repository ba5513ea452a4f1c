using System.Management.Automation;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Queries;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Runs a statement of the user's own.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "StreamingQuery", DefaultParameterSetName = ByConnection, SupportsShouldProcess = true)]
[OutputType("StreamingPg.QueryRow", "StreamingPg.QueryResult")]
public sealed class InvokeStreamingQueryCommand : ConnectedCmdlet
{
    /// <summary>The statement.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? Query { get; set; }

    /// <summary>The arguments of the statement.</summary>
    [Parameter(Position = 1)]
    [AllowNull]
    [AllowEmptyCollection]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public object?[]? ArgumentList { get; set; }

    /// <summary>Lets the statement change something.</summary>
    [Parameter]
    public SwitchParameter Write { get; set; }

    /// <summary>The server ends a statement that takes longer.</summary>
    [Parameter]
    [Duration]
    [ArgumentCompleter(typeof(DurationCompleter))]
    public TimeSpan StatementTimeout { get; set; } = ReadOnlySession.DefaultStatementTimeout;

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var connection = ResolveConnection();
        if (Write && !ShouldProcess($"{connection}", $"Run {Query}"))
        {
            return;
        }

        Run(async (output, cancellationToken) =>
        {
            var options = new QueryOptions
            {
                Sql = Query!,
                Arguments = [.. (ArgumentList ?? []).Select(static argument => argument is PSObject wrapped ? wrapped.BaseObject : argument)],
                Write = Write,
                StatementTimeout = StatementTimeout,
            };
            IReadOnlyList<string> columns = [];
            var result = await SqlQuery.RunAsync(
                connection, options, names => columns = names, values => output.Write(RowObject.OfQuery(columns, values)), cancellationToken).ConfigureAwait(false);
            if (Write && columns.Count == 0)
            {
                output.Write(result);
            }
        });
    }
}
