using Npgsql;

namespace StreamingPg.Core.Server;

/// <summary>Fills a new cluster from an old one, and compares them. Both run meanwhile, on ports that nobody knows, the old one read-only.</summary>
/// <param name="old">Folder of the old cluster.</param>
/// <param name="next">Folder of the new one.</param>
/// <param name="account">Account of both.</param>
/// <param name="options">How servers are started.</param>
/// <param name="clients">The programs that dump and restore.</param>
/// <param name="say">Is told each step in a sentence, or null.</param>
internal sealed class ServerMover(
    ServerFolder old, ServerFolder next, ServerAccount account, PrivateServerOptions options, ClientPrograms clients, Action<string>? say)
{
    private const int NamedDifferences = 5;
    private const string OwnRole = $"CREATE ROLE {PrivateServer.UserName};";
    private const string SettingsFile = "postgresql.conf";

    /// <summary>Databases that every cluster has from the start.</summary>
    private static readonly string[] Initial = ["postgres", "template1"];

    /// <summary>Settings that a user may have changed: by ALTER SYSTEM, and who may connect.</summary>
    private static readonly string[] UserFiles = ["postgresql.auto.conf", "pg_hba.conf", "pg_ident.conf"];

    /// <summary>Makes and fills the new cluster. Both servers are stopped in the end.</summary>
    /// <param name="oldPrograms">Programs of the old cluster.</param>
    /// <param name="newPrograms">Programs of the new one.</param>
    /// <param name="cancellationToken">Cancels; the servers may still run then.</param>
    /// <returns>What both hold.</returns>
    /// <exception cref="StreamingException">A step failed, or the new cluster does not hold what the old one does.</exception>
    public async Task<ServerInventory> MoveAsync(ServerBinaries oldPrograms, ServerBinaries newPrograms, CancellationToken cancellationToken)
    {
        say?.Invoke($"Creating a cluster of PostgreSQL {newPrograms.Version}");
        next.Prepare();
        var isDurable = options.Settings.GetValueOrDefault("fsync") != "off";
        await ClusterCreator.CreateAsync(next, newPrograms, account, isDurable, cancellationToken).ConfigureAwait(false);
        await CopySettingsAsync(cancellationToken).ConfigureAwait(false);

        say?.Invoke($"Stopping PostgreSQL {oldPrograms.Version}");
        var (oldLauncher, newLauncher) = (Launcher(old, ("default_transaction_read_only", "on")), Launcher(next, ("max_wal_size", "1GB")));
        await oldLauncher.StopAsync(atOnce: false, cancellationToken).ConfigureAwait(false);
        var source = new LoopbackServer(
            await oldLauncher.StartAsync(oldPrograms, lastPort: null, socketDirectory: null, cancellationToken).ConfigureAwait(false), old.PasswordFile);
        var inventory = await TakeInventoryAsync(source, cancellationToken).ConfigureAwait(false);
        var target = new LoopbackServer(
            await newLauncher.StartAsync(newPrograms, lastPort: null, socketDirectory: null, cancellationToken).ConfigureAwait(false), next.PasswordFile);
        await CopyRolesAsync(source, target, cancellationToken).ConfigureAwait(false);

        // From now on the new server takes the password of the old one, which came with the roles.
        target = target with { PasswordFile = old.PasswordFile };
        foreach (var database in inventory.Databases)
        {
            await CopyDatabaseAsync(source, target, database, cancellationToken).ConfigureAwait(false);
        }

        say?.Invoke("Verifying the new server");
        Compare(inventory, await ServerInventory.TakeAsync(Settings(target), cancellationToken).ConfigureAwait(false));
        await newLauncher.StopAsync(atOnce: false, cancellationToken).ConfigureAwait(false);
        await oldLauncher.StopAsync(atOnce: false, cancellationToken).ConfigureAwait(false);
        return inventory;
    }

    // Both start with the wal_level that the old one was asked for: with less it would not start beside a logical slot.
    private ServerLauncher Launcher(ServerFolder folder, (string Name, string Value) setting)
    {
        var settings = new Dictionary<string, string>(options.Settings) { [setting.Name] = setting.Value };
        if (ServerRecord.Read(old.RecordFile).WalLevel is { } walLevel)
        {
            settings.TryAdd("wal_level", walLevel);
        }
        else if (ServerConfiguration.IsReplicated(old.Data, settings))
        {
            settings.TryAdd("wal_level", "replica");
        }

        return new ServerLauncher(folder, account, options with { Port = null, Settings = settings });
    }

    private async Task<ServerInventory> TakeInventoryAsync(LoopbackServer source, CancellationToken cancellationToken)
    {
        say?.Invoke("Counting what is to be moved");
        var inventory = await ServerInventory.TakeAsync(Settings(source), cancellationToken).ConfigureAwait(false);
        return inventory.Closed.Count == 0 ? inventory : throw Failed(
            $"nobody may connect to database {string.Join(", ", inventory.Closed)}, so it cannot be dumped", "Allow connections (ALTER DATABASE ... ALLOW_CONNECTIONS true), or drop it.");
    }

    private static NpgsqlConnectionStringBuilder Settings(LoopbackServer server) => new()
    {
        Host = "127.0.0.1",
        Port = server.Port,
        Username = PrivateServer.UserName,
        Password = PasswordFile.Read(server.PasswordFile),
    };

    private async Task CopyRolesAsync(LoopbackServer source, LoopbackServer target, CancellationToken cancellationToken)
    {
        say?.Invoke("Copying the roles");
        var dump = await ProgramRunner.RunAsync(
            clients.PgDumpAll, ["--globals-only", .. source.To("postgres")], cancellationToken, environment: source.Environment).ConfigureAwait(false);
        Check(dump, "The roles cannot be dumped");

        // The role that owns the new cluster exists; the rest of it, its password among it, is the old one's.
        var roles = string.Join('\n', dump.Output.Split('\n').Where(static line => line.TrimEnd() != OwnRole)) + "\n";
        Check(await RunSqlAsync(target, "postgres", [], roles, cancellationToken).ConfigureAwait(false), "The roles cannot be restored");
    }

    private async Task CopyDatabaseAsync(LoopbackServer source, LoopbackServer target, string database, CancellationToken cancellationToken)
    {
        say?.Invoke($"Copying database {database}");
        var isInitial = Initial.Contains(database, StringComparer.Ordinal);
        var (dump, restore) = await ProgramRunner.PipeAsync(
            (clients.PgDump, [.. isInitial ? Array.Empty<string>() : ["--create"], .. source.To(database)]),
            (clients.Psql, [.. Quiet, .. target.To(isInitial ? database : "postgres")]),
            source.Environment,
            target.Environment,
            cancellationToken).ConfigureAwait(false);

        // What stopped the restore also stops the dump, so it is said first.
        Check(restore, $"Database {database} cannot be restored");
        Check(dump, $"Database {database} cannot be dumped");
        Check(await RunSqlAsync(target, database, ["--command", "ANALYZE"], "", cancellationToken).ConfigureAwait(false), $"Database {database} cannot be analyzed");
    }

    private static string[] Quiet => ["--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--set", "VERBOSITY=terse"];

    private Task<ProgramResult> RunSqlAsync(LoopbackServer target, string database, string[] more, string input, CancellationToken cancellationToken) =>
        ProgramRunner.RunAsync(clients.Psql, [.. Quiet, .. more, .. target.To(database)], cancellationToken, input, target.Environment);

    private void Compare(ServerInventory before, ServerInventory after)
    {
        var differences = before.DifferencesTo(after);
        if (differences.Count > 0)
        {
            var named = string.Join("; ", differences.Take(NamedDifferences)) + (differences.Count > NamedDifferences ? "; and more" : "");
            throw new StreamingException(
                ErrorIds.ServerUpgradeNotVerified,
                StreamingErrorKind.Unexpected,
                $"The new server does not hold what the old one does: {named}.",
                "The old server is unchanged.",
                old.Path);
        }
    }

    /// <summary>Takes over what the user set: settings that initdb did not write into the new cluster too, and whole files.</summary>
    private async Task CopySettingsAsync(CancellationToken cancellationToken)
    {
        var was = await ReadAsync(old, SettingsFile, cancellationToken).ConfigureAwait(false);
        var known = Lines(await ReadAsync(next, SettingsFile, cancellationToken).ConfigureAwait(false)).Select(Setting).ToHashSet(StringComparer.Ordinal);
        var own = Lines(was).Where(line => !known.Contains(Setting(line))).ToList();
        if (own.Count > 0)
        {
            await account.AppendAsync(
                Path.Combine(next.Data, SettingsFile), $"\n# From the version before.\n{string.Join('\n', own)}\n", cancellationToken).ConfigureAwait(false);
        }

        foreach (var file in UserFiles)
        {
            var text = await ReadAsync(old, file, cancellationToken).ConfigureAwait(false);
            if (text.Length > 0)
            {
                await account.WriteAsync(Path.Combine(next.Data, file), text.TrimEnd() + "\n", cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private Task<string> ReadAsync(ServerFolder folder, string file, CancellationToken cancellationToken) =>
        account.ReadAsync(Path.Combine(folder.Data, file), 0, cancellationToken);

    private static IEnumerable<string> Lines(string text) =>
        text.Split('\n').Select(static line => line.Trim()).Where(static line => line.Length > 0 && line[0] != '#');

    private static string Setting(string line) => line.Split(" #", 2)[0].Split("\t#", 2)[0].Trim();

    private void Check(ProgramResult result, string problem)
    {
        if (result.ExitCode != 0)
        {
            throw Failed($"{problem}: {result.Error}", "The old server is unchanged. Fix the reported cause, and run the upgrade again.");
        }
    }

    private StreamingException Failed(string problem, string remedy) => new(
        ErrorIds.ServerUpgradeFailed, StreamingErrorKind.Unexpected, $"The server in {old.Path} was not upgraded: {problem.TrimEnd('.')}.", remedy, old.Path);
}
