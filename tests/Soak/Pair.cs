using System.Diagnostics;
using StreamingPg.Core.Server;

namespace StreamingPg.Soak;

/// <summary>A primary and its synchronous standby: what was reported is on both, so that either may die.</summary>
internal sealed class Pair
{
    private Pair(Node first, Node second)
    {
        Primary = first;
        Standby = second;
    }

    public Node Primary { get; private set; }

    public Node Standby { get; private set; }

    public static async Task<Pair> CreateAsync(string folder, ServerBinaries binaries)
    {
        var pair = new Pair(await Node.CreateAsync("a", folder, binaries), await Node.CreateAsync("b", folder, binaries));
        try
        {
            await pair.Primary.InitializeAsync();
            await pair.RebuildStandbyAsync();
            return pair;
        }
        catch
        {
            await pair.RemoveAsync();
            throw;
        }
    }

    /// <summary>True when a failover would lose nothing.</summary>
    public async Task<bool> IsSynchronousAsync() =>
        await Primary.ScalarAsync("SELECT count(*)::text FROM pg_stat_replication WHERE state = 'streaming' AND sync_state = 'sync'") == "1";

    /// <summary>Kills the primary, promotes the standby a while later, and makes the old primary its standby.</summary>
    /// <param name="promoted">Is called when the new primary takes writes.</param>
    public async Task<bool> FailOverAsync(Action<Node> promoted)
    {
        if (!await IsSynchronousAsync())
        {
            return false;
        }

        await Primary.KillAsync();
        await Task.Delay(TimeSpan.FromSeconds(1 + (4 * Random.Shared.NextDouble())));
        await Standby.PromoteAsync();
        (Primary, Standby) = (Standby, Primary);
        promoted(Primary);
        await RebuildStandbyAsync();
        return true;
    }

    /// <summary>Brings back what is down.</summary>
    public async Task EnsureUpAsync()
    {
        await Primary.EnsureUpAsync();
        await Standby.EnsureUpAsync();
        var clock = Stopwatch.StartNew();
        while (!await IsSynchronousAsync())
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(20))
            {
                // It fell too far behind.
                await RebuildStandbyAsync();
                return;
            }

            await Task.Delay(500);
        }
    }

    public async Task RemoveAsync()
    {
        await Primary.RemoveAsync();
        await Standby.RemoveAsync();
    }

    private async Task RebuildStandbyAsync()
    {
        // While there is no standby, nobody waits for one.
        await Primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = ''");
        await Primary.ReloadAsync();
        await Standby.CopyFromAsync(Primary);
        await Primary.ExecuteAsync("ALTER SYSTEM SET synchronous_standby_names = '*'");
        await Primary.ReloadAsync();
    }
}
