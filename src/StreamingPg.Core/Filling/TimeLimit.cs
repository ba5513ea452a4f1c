using StreamingPg.Core.Loading;

namespace StreamingPg.Core.Filling;

/// <summary>How long the rows of a table may take: triggers can take any time for each, and others wait for their turn.</summary>
internal static class TimeLimit
{
    /// <summary>The time for few rows when nothing else is asked.</summary>
    public static readonly TimeSpan Default = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan ForEachRow = TimeSpan.FromMilliseconds(10);

    /// <summary>Runs work that adds rows, and cancels it when it takes too long.</summary>
    /// <param name="least">The time that it has however few the rows are.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="work">The work.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <remarks>Rows of several chunks are not cut off: the first ones are committed already.</remarks>
    /// <exception cref="StreamingException">It took too long (<see cref="IsOver"/>).</exception>
    public static async Task<T> RunAsync<T>(TimeSpan least, long rows, Func<CancellationToken, Task<T>> work, CancellationToken cancellationToken)
    {
        if (rows > BatchOptions.DefaultChunkSize)
        {
            return await work(cancellationToken).ConfigureAwait(false);
        }

        var time = Of(least, rows);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(time);
        try
        {
            return await work(limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Error($"{DisplayText.Count(rows)} rows were not in after {DisplayText.Duration(time)}: a trigger or a constraint takes too long for each.", exception);
        }
    }

    /// <summary>The time that rows have.</summary>
    /// <param name="least">The time that they have however few they are.</param>
    /// <param name="rows">The rows.</param>
    public static TimeSpan Of(TimeSpan least, long rows) => least + (ForEachRow * rows);

    /// <summary>Why there are fewer rows than requested, when some took so long that the others would take too long.</summary>
    /// <param name="rows">The rows that are in.</param>
    /// <param name="time">The time that they took.</param>
    public static StreamingException TooSlow(long rows, TimeSpan time) =>
        Error($"The first {DisplayText.Count(rows)} rows took {DisplayText.Duration(time)}, and the others would take too long: a trigger or a constraint slows each down.", null);

    private static StreamingException Error(string problem, Exception? cause) => new(
        ErrorIds.StatementCanceled, StreamingErrorKind.Timeout, problem, "Request fewer rows, or make the triggers faster.", innerException: cause);

    /// <summary>True for an error that says that rows took too long, by our limit or by the server's.</summary>
    public static bool IsOver(StreamingException error) => error.ErrorId == ErrorIds.StatementCanceled;
}
