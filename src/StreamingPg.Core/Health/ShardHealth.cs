using System.Globalization;
using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Health;

/// <summary>The servers of a Citus cluster; nothing where there is none.</summary>
internal static class ShardHealth
{
    private const string IsThereSql = "SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'citus')";

    private const string NodesSql =
        """
        SELECT nodename || ':' || nodeport, pg_catalog.citus_check_connection_to_node(nodename, nodeport) AND isactive
        FROM pg_catalog.pg_dist_node WHERE noderole = 'primary' ORDER BY groupid
        """;

    // Prepared on a worker, and neither committed nor rolled back there.
    private const string CommitsSql =
        """
        SELECT nodename || ':' || nodeport, success, result
        FROM pg_catalog.run_command_on_workers(
            $cmd$SELECT coalesce(max(extract(epoch FROM now() - prepared)), 0)::float8 FROM pg_prepared_xacts WHERE gid LIKE 'citus_%'$cmd$)
        """;

    private const string BalanceSql =
        """
        SELECT (SELECT count(*) FROM pg_catalog.get_rebalance_table_shards_plan())::float8 / greatest(1, (SELECT count(*) FROM pg_catalog.pg_dist_shard))
        """;

    public static async Task<IReadOnlyList<HealthResult>> CheckAsync(HealthProbe probe, ReadOnlySession session)
    {
        if (!(await session.QueryAsync(IsThereSql, row => row.GetBoolean(0), probe.CancellationToken).ConfigureAwait(false))[0])
        {
            return [];
        }

        var nodes = await session.QueryAsync(NodesSql, row => (Name: row.GetString(0), Answers: row.GetBoolean(1)), probe.CancellationToken).ConfigureAwait(false);
        List<HealthResult> results = [.. nodes.Select(node => probe.Result(
            HealthCheck.ShardNode, node.Name, node.Answers ? 0 : 1, "The coordinator cannot use this server: start it, or activate it (citus_activate_node)."))];
        if (nodes.Exists(node => !node.Answers))
        {
            return results; // what follows asks all of them
        }

        var commits = await session.QueryAsync(
            CommitsSql, row => (Name: row.GetString(0), IsRead: row.GetBoolean(1), Text: row.GetString(2)), probe.CancellationToken).ConfigureAwait(false);
        results.AddRange(commits.Select(node => node.IsRead
            ? probe.Result(
                HealthCheck.ShardCommit,
                node.Name,
                double.Parse(node.Text, CultureInfo.InvariantCulture),
                "A distributed transaction is unfinished there, so its rows are invisible and its locks held: SELECT recover_prepared_transactions().")
            : probe.Without(HealthCheck.ShardCommit, node.Name, HealthStatus.Unknown, node.Text)));
        var toMove = (await session.QueryAsync(BalanceSql, row => row.GetDouble(0), probe.CancellationToken).ConfigureAwait(false))[0];
        results.Add(probe.Result(HealthCheck.ShardBalance, "cluster", toMove, "Shards are spread unevenly over the servers: SELECT citus_rebalance_start()."));
        return results;
    }
}
