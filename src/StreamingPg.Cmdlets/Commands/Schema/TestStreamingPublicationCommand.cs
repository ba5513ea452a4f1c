using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Health;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Says whether a publication gives its subscribers every change.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingPublication", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(PublicationTest))]
public sealed class TestStreamingPublicationCommand : ModelCmdlet
{
    /// <summary>Name of the publication.</summary>
    [Parameter(Mandatory = true, Position = 0)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string Name { get; set; } = "";

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var model = ReadModel();
        var connection = ResolveConnection();
        WriteObject(Await(stopping => PublicationChecker.CheckAsync(connection, model, Name, stopping)), enumerateCollection: true);
    }
}
