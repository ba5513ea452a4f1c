using System.Management.Automation;
using StreamingPg.Core.Server;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command on the private server.</summary>
public abstract class ServerCmdlet : StreamingCmdlet
{
    /// <summary>Folder of the server.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The server of -Path; without it the one that this session started last, else the user's own.</summary>
    private protected PrivateServer FindServer(PrivateServerOptions? options = null) =>
        new(Path is null ? RunspaceConnections.OfThisRunspace().Server?.Path : ResolvePath(Path), options);
}
