using System.Management.Automation;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command that makes records for parents, which come from the pipeline or are picked in a database.</summary>
public abstract class ChildGeneratorCmdlet : GeneratorCmdlet
{
    /// <summary>Parameter set: parents are given.</summary>
    protected const string ByParent = "Parent";

    /// <summary>Parameter set: parents are picked in the database.</summary>
    protected const string ByExisting = "Existing";

    // Parents are held in memory while their children are made; more of them than this would not make the children any
    // more varied.
    private const int MostSampledParents = 100_000;

    /// <summary>Picks the parents in the database.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByExisting)]
    public SwitchParameter Existing { get; set; }

    /// <summary>Database to pick the parents in.</summary>
    [Parameter(ParameterSetName = ByExisting)]
    [ValidateNotNull]
    public StreamingConnection? Connection { get; set; }

    /// <summary>Emits the parents too, before their children.</summary>
    [Parameter(ParameterSetName = ByParent)]
    public SwitchParameter PassThru { get; set; }

    /// <summary>Number of parents to pick for <see cref="GeneratorCmdlet.Count"/> children.</summary>
    private protected int SampleSize => (int)Math.Min(Count, MostSampledParents);

    /// <summary>The database to pick parents in.</summary>
    private protected DatabaseConnection ResolveConnection()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        return (DatabaseConnection?)Connection ?? runspace.Current ?? runspace.Find(new ConnectionParameters(), CurrentDirectory);
    }
}
