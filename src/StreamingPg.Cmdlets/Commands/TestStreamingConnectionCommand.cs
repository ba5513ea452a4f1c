using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Rights;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Tries a connection and says what is missing.</summary>
[Cmdlet(VerbsDiagnostic.Test, "StreamingConnection", DefaultParameterSetName = ByConnection)]
[OutputType(typeof(ConnectionTest), typeof(bool))]
public sealed class TestStreamingConnectionCommand : ModelCmdlet
{
    /// <summary>What the role is to do: the rights for that are tested; without it those for batches.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public ConnectionPurpose[] For { get; set; } = [];

    /// <summary>Gives a Boolean only.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var result = Test();
        WriteObject(Quiet ? result.Success : result);
    }

    private ConnectionTest Test()
    {
        var model = ReadModel();
        try
        {
            var connection = ResolveConnection();
            return Await(stopping => ConnectionTester.TestAsync(connection, model, For, stopping));
        }
        catch (StreamingException exception) when (exception.Kind == StreamingErrorKind.NotConfigured)
        {
            // That there is nothing to connect to is what such a test is asked to find out.
            return new ConnectionTest { Success = false, Server = "", For = For, Missing = [exception.Message] };
        }
    }
}
