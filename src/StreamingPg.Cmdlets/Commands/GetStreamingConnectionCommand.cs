using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Shows the connections of this session.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingConnection")]
[OutputType(typeof(StreamingConnection))]
public sealed class GetStreamingConnectionCommand : StreamingCmdlet
{
    /// <summary>Names, with wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(ConnectionCompleter))]
    public string[]? Name { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var runspace = RunspaceConnections.OfThisRunspace();
        foreach (var name in Name ?? [])
        {
            Write(runspace, name);
        }

        if (Name is null)
        {
            WriteObject(runspace.Opened, enumerateCollection: true);
            if (runspace.Current is null && Found(runspace) is { } found)
            {
                WriteObject(found);
            }
        }
    }

    private void Write(RunspaceConnections runspace, string name)
    {
        if (!WildcardPattern.ContainsWildcardCharacters(name))
        {
            try
            {
                WriteObject(runspace.Named(name));
            }
            catch (StreamingException error)
            {
                WriteError(error.ToErrorRecord());
            }

            return;
        }

        var pattern = WildcardPattern.Get(name, WildcardOptions.IgnoreCase);
        WriteObject(runspace.Opened.Where(connection => connection.Name.Length > 0 && pattern.IsMatch(connection.Name)), enumerateCollection: true);
    }

    /// <summary>What the session's commands use without Connect-StreamingDatabase; null if nothing says which database.</summary>
    private DatabaseConnection? Found(RunspaceConnections runspace)
    {
        try
        {
            var found = runspace.Find(new ConnectionParameters(), CurrentDirectory);
            found.IsSessionDefault = true;
            return found;
        }
        catch (StreamingException error) when (error.Kind == StreamingErrorKind.NotConfigured)
        {
            return null;
        }
    }
}
