using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Records;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Makes transactions of given or existing users.</summary>
[Cmdlet(VerbsCommon.New, "StreamingTransaction", DefaultParameterSetName = ByParent)]
[OutputType(typeof(StreamingTransaction), typeof(StreamingUser))]
public sealed class NewStreamingTransactionCommand : ChildGeneratorCmdlet
{
    private readonly List<StreamingUser> _users = [];

    /// <summary>Users who pay.</summary>
    [Parameter(Mandatory = true, ValueFromPipeline = true, ParameterSetName = ByParent)]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public StreamingUser[] User { get; set; } = [];

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        _users.AddRange(User);
        if (PassThru)
        {
            WriteObject(User, enumerateCollection: true);
        }
    }

    /// <inheritdoc/>
    protected override void OnEnd()
    {
        var options = Options;
        if (Existing)
        {
            var connection = ResolveConnection();
            options = Await(stopping => RecordGenerator.ForExistingAsync(connection, Options, stopping));
            _users.AddRange(Await(stopping => RecordGenerator.SampleUsersAsync(connection, SampleSize, options, stopping)));
        }

        WriteEach(RecordGenerator.MakeTransactions(_users, Count, options));
    }
}
