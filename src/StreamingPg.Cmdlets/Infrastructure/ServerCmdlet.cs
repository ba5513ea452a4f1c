using System.Management.Automation;
using StreamingPg.Core.Server;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command on the private server.</summary>
public abstract class ServerCmdlet : StreamingCmdlet
{
    /// <summary>Folder of the server; without it the user's own.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The server that is meant.</summary>
    private protected PrivateServer Server => new(Path is null ? null : ResolvePath(Path));
}
