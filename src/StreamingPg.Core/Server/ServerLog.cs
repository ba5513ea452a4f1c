namespace StreamingPg.Core.Server;

/// <summary>The log of a private server. Its folder belongs to the server's account, so links in it are not followed.</summary>
/// <param name="folder">Folder of the server.</param>
/// <param name="account">Account of the server.</param>
internal sealed class ServerLog(ServerFolder folder, ServerAccount account)
{
    private const long MaxBytes = 16 << 20;
    private const int TailLines = 15;

    /// <summary>Size of the log in bytes. A log that has become large is put aside first; one old log is kept.</summary>
    public long Prepare()
    {
        var log = new FileInfo(folder.LogFile);
        if (log is { Exists: true, Length: > MaxBytes })
        {
            File.Move(folder.LogFile, folder.LogFile + ".old", overwrite: true);
            return 0;
        }

        return log.Exists ? log.Length : 0;
    }

    /// <summary>The last lines of the log after a position, for an error message.</summary>
    public async Task<string> TailAsync(long fromByte, CancellationToken cancellationToken)
    {
        var text = await account.ReadAsync(folder.LogFile, fromByte, cancellationToken).ConfigureAwait(false);
        return string.Join('\n', text.Split('\n', StringSplitOptions.RemoveEmptyEntries).TakeLast(TailLines));
    }
}
