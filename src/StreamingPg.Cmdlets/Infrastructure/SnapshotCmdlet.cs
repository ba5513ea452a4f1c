using System.Management.Automation;
using StreamingPg.Core.Snapshots;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command on the snapshots of a database.</summary>
public abstract class SnapshotCmdlet : ConnectedCmdlet
{
    /// <summary>Runs work on the snapshots of the database, to which no connection of this session stays open.</summary>
    private protected T OnSnapshots<T>(Func<SnapshotStore, CancellationToken, Task<T>> work)
    {
        var connection = ResolveConnection();
        RunspaceConnections.OfThisRunspace().CloseIdle();
        return Await(async stopping =>
        {
            await using var store = SnapshotStore.Of(connection);
            return await work(store, stopping).ConfigureAwait(false);
        });
    }
}

/// <summary>Completes the names of the snapshots.</summary>
public sealed class SnapshotCompleter : WordCompleter
{
    private protected override IEnumerable<(string Value, string Tip)> Words(System.Collections.IDictionary given) => Ask(given, async (connection, stop) =>
    {
        await using var store = SnapshotStore.Of(connection);
        return await store.ListAsync(stop).ConfigureAwait(false);
    }).Select(static snapshot => (snapshot.Name, $"{DisplayText.Instant(snapshot.SavedAt)}, {DisplayText.Bytes(snapshot.Bytes)}"));
}
