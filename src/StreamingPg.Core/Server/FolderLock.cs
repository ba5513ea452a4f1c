namespace StreamingPg.Core.Server;

/// <summary>Keeps two sessions from doing the same in one folder at the same time: starting or stopping its server, downloading its programs.</summary>
internal static class FolderLock
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Waits until the lock is free and takes it; disposing gives it back, and so does the end of the process.</summary>
    /// <param name="file">The lock's file.</param>
    /// <param name="activity">What is done meanwhile, such as <c>starting the server</c>; another session's wait names it.</param>
    /// <param name="clock">Measures the wait.</param>
    /// <param name="cancellationToken">Cancels the wait.</param>
    /// <exception cref="StreamingException">Another session holds it for minutes.</exception>
    public static async Task<IDisposable> TakeAsync(string file, string activity, TimeProvider clock, CancellationToken cancellationToken)
    {
        var started = clock.GetTimestamp();
        while (true)
        {
            try
            {
                return new FileStream(file, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException exception) when (exception is not (DirectoryNotFoundException or PathTooLongException))
            {
                if (clock.GetElapsedTime(started) > Patience)
                {
                    throw new StreamingException(
                        "ServerBusy",
                        StreamingErrorKind.Timeout,
                        $"Another process is still {activity} in {Path.GetDirectoryName(file)}.",
                        "Wait until it ends, or stop it.",
                        file,
                        exception);
                }
            }

            await Task.Delay(Interval, clock, cancellationToken).ConfigureAwait(false);
        }
    }
}
