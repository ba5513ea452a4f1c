using System.Globalization;
using System.Security.Cryptography;

namespace StreamingPg.Core.Server;

/// <summary>Makes the cluster of a private server.</summary>
internal static class ClusterCreator
{
    private const int PasswordBytes = 24;

    /// <summary>Makes the cluster with a fresh password. It gets its final name only when it is whole.</summary>
    /// <param name="folder">Where it is made.</param>
    /// <param name="binaries">The programs.</param>
    /// <param name="account">Account that owns it.</param>
    /// <param name="isDurable">False when its files need not reach the disk, because the server runs without fsync anyway.</param>
    /// <param name="cancellationToken">Cancels; the next attempt starts over.</param>
    /// <exception cref="StreamingException">The account cannot enter the folder, or initdb failed.</exception>
    public static async Task CreateAsync(
        ServerFolder folder, ServerBinaries binaries, ServerAccount account, bool isDurable, CancellationToken cancellationToken)
    {
        if (!await account.CanEnterAsync(folder.Path, cancellationToken).ConfigureAwait(false))
        {
            throw new StreamingException(
                ErrorIds.ServerFolderNotReachable,
                StreamingErrorKind.PermissionDenied,
                $"The server runs as \"{account.Name}\", which cannot access {folder.Path}.",
                "Choose a folder that other users can enter, such as one below /var/lib.",
                folder.Path);
        }

        if (!await account.CanEnterAsync(binaries.Folder, cancellationToken).ConfigureAwait(false))
        {
            throw new StreamingException(
                ErrorIds.ServerProgramsNotReachable,
                StreamingErrorKind.PermissionDenied,
                $"The server runs as \"{account.Name}\", which cannot access the folder of the server programs, {binaries.Folder}.",
                "Let other users read it and enter its parent folders (chmod a+rX), or move the programs below /usr/local or /opt.",
                binaries.Folder);
        }

        if (Directory.Exists(folder.Unfinished))
        {
            Directory.Delete(folder.Unfinished, recursive: true);
        }

        await ServerFolder.MakeOwnedAsync(folder.Unfinished, account, cancellationToken).ConfigureAwait(false);
        var password = Convert.ToHexString(RandomNumberGenerator.GetBytes(PasswordBytes)).ToLowerInvariant();
        await InitializeAsync(folder, binaries, account, password, isDurable, cancellationToken).ConfigureAwait(false);

        var settings = Path.Combine(folder.Unfinished, "postgresql.conf");
        await account.AppendAsync(settings, $"\ninclude_if_exists '{ServerConfiguration.FileName}'\n", cancellationToken).ConfigureAwait(false);
        PasswordFile.Write(folder.PasswordFile, PrivateServer.UserName, password);
        Directory.Move(folder.Unfinished, folder.Data);
    }

    private static async Task InitializeAsync(
        ServerFolder folder,
        ServerBinaries binaries,
        ServerAccount account,
        string password,
        bool isDurable,
        CancellationToken cancellationToken)
    {
        // initdb reads the password from a file that its own account must be able to read; it lives for this call only.
        var handover = Path.Combine(folder.LogFolder, "initdb-password");
        await ServerFolder.MakeOwnedAsync(folder.LogFolder, account, cancellationToken).ConfigureAwait(false);
        try
        {
            PasswordFile.WritePrivate(handover, password);
            await account.OwnAsync(handover, cancellationToken).ConfigureAwait(false);
            var result = await account.RunAsync(
                binaries.InitDb,
                [
                    "--pgdata", folder.Unfinished, "--username", PrivateServer.UserName, "--pwfile", handover,
                    "--auth-local", "scram-sha-256", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
                    .. isDurable ? Array.Empty<string>() : ["--no-sync"],
                ],
                cancellationToken).ConfigureAwait(false);
            if (result.ExitCode != 0)
            {
                throw new StreamingException(
                    ErrorIds.ServerInitFailed,
                    StreamingErrorKind.Unexpected,
                    string.Create(CultureInfo.InvariantCulture, $"initdb could not create a cluster in {folder.Path} (exit code {result.ExitCode}): {result.Error}"),
                    "Fix the reported cause, and start the server again.",
                    folder.Path);
            }
        }
        finally
        {
            File.Delete(handover);
        }
    }
}
