using System.Globalization;
using System.Net;
using System.Net.Http.Headers;

namespace StreamingPg.Core.Server;

/// <summary>
/// Brings a file over HTTP. What arrived stays in the file, so a transfer that was cut or cancelled goes on where it ended, also in
/// a later session. The system's proxy is used.
/// </summary>
internal sealed class ArchiveTransfer(ServerSource source, string name, IProgress<DownloadProgress>? progress)
{
    private const int MaxAttemptsWithoutProgress = 4;
    private const int BufferBytes = 1 << 16;

    /// <summary>Brings the rest of the file, if any.</summary>
    /// <param name="address">Where it is.</param>
    /// <param name="file">Where it goes.</param>
    /// <param name="cancellationToken">Cancels; what arrived stays.</param>
    /// <returns>True when part of it was there before.</returns>
    /// <exception cref="StreamingException">The source does not have it, or cannot be reached.</exception>
    public async Task<bool> RunAsync(Uri address, string file, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            ConnectTimeout = source.Patience,

            // Proxies of companies ask who is there; the answer is the user who is logged on.
            DefaultProxyCredentials = CredentialCache.DefaultCredentials,
        };
        using var client = new HttpClient(handler) { Timeout = Timeout.InfiniteTimeSpan };
        client.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("StreamingPg", null));

        var before = Length(file);
        for (var attempt = 1; ; attempt++)
        {
            var began = Length(file);
            try
            {
                await AttemptAsync(client, address, file, cancellationToken).ConfigureAwait(false);
                return before > 0;
            }
            catch (Exception exception) when (IsTransient(exception) && !cancellationToken.IsCancellationRequested)
            {
                attempt = Length(file) > began ? 0 : attempt;
                if (attempt >= MaxAttemptsWithoutProgress)
                {
                    throw new StreamingException(
                        ErrorIds.ServerDownloadFailed,
                        StreamingErrorKind.ConnectionFailed,
                        $"Downloading {address} failed: {Reason(exception)}",
                        $"Check the network and the proxy (HTTPS_PROXY), or name a mirror in {ServerSource.Variable}; the next attempt resumes this download.",
                        address,
                        exception);
                }
            }

            await Task.Delay(source.RetryDelay, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>A source that is silent for too long ends the attempt as a timeout.</summary>
    private async Task AttemptAsync(HttpClient client, Uri address, string file, CancellationToken cancellationToken)
    {
        using var silence = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            silence.CancelAfter(source.Patience);
            using var request = new HttpRequestMessage(HttpMethod.Get, address);
            var have = Length(file);
            request.Headers.Range = have > 0 ? new RangeHeaderValue(have, null) : null;
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, silence.Token).ConfigureAwait(false);
            if (response.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            {
                // All of it is here, or it is not the file that it was: the checksum tells.
                return;
            }

            Check(response, address);
            var resumed = response.StatusCode == HttpStatusCode.PartialContent && response.Content.Headers.ContentRange?.From == have;
            await SaveAsync(response.Content, file, resumed ? have : 0, silence).ConfigureAwait(false);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException($"The server sent no data for {source.Patience.TotalSeconds:0} seconds.", exception);
        }
    }

    private async Task SaveAsync(HttpContent content, string file, long from, CancellationTokenSource silence)
    {
        var total = from + content.Headers.ContentLength;
        var target = new FileStream(file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read, BufferBytes, useAsync: true);
        await using (target.ConfigureAwait(false))
        {
            target.SetLength(from);
            target.Seek(from, SeekOrigin.Begin);
            var input = await content.ReadAsStreamAsync(silence.Token).ConfigureAwait(false);
            await using (input.ConfigureAwait(false))
            {
                var buffer = new byte[BufferBytes];
                int read;
                while ((read = await input.ReadAsync(buffer, silence.Token).ConfigureAwait(false)) > 0)
                {
                    silence.CancelAfter(source.Patience);
                    await target.WriteAsync(buffer.AsMemory(0, read), silence.Token).ConfigureAwait(false);
                    progress?.Report(new DownloadProgress(name, target.Position, total));
                }
            }
        }
    }

    private static void Check(HttpResponseMessage response, Uri address)
    {
        if (response.IsSuccessStatusCode)
        {
            return;
        }

        var status = $"{(int)response.StatusCode} {response.ReasonPhrase}";
        throw IsTransient(response.StatusCode)
            ? new HttpRequestException(status, null, response.StatusCode)
            : new StreamingException(
                ErrorIds.ServerDownloadRefused,
                StreamingErrorKind.NotInstalled,
                $"Downloading {address} failed: the server answered {status}.",
                $"If {ServerSource.Variable} names a mirror, check that it has the package; otherwise install PostgreSQL. {InstallAdvice.ForThisSystem(null)}",
                address);
    }

    private static bool IsTransient(HttpStatusCode status) =>
        status is HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests or >= HttpStatusCode.InternalServerError;

    // A full disk is an IOException too, and no later attempt would find room.
    private static bool IsTransient(Exception exception) =>
        exception is HttpRequestException or HttpIOException or TimeoutException
        || (exception is IOException && exception.InnerException is System.Net.Sockets.SocketException);

    private static string Reason(Exception exception) =>
        exception.InnerException is System.Net.Sockets.SocketException inner ? inner.Message : exception.Message;

    private static long Length(string file) => new FileInfo(file) is { Exists: true } info ? info.Length : 0;
}

/// <summary>How far a download is.</summary>
/// <param name="Archive">What is downloaded, such as <c>PostgreSQL 17.10</c>.</param>
/// <param name="BytesDone">Bytes that are here.</param>
/// <param name="BytesTotal">Bytes of the whole archive, or null when its source does not say.</param>
internal sealed record DownloadProgress(string Archive, long BytesDone, long? BytesTotal)
{
    private const double Megabyte = 1_000_000;

    /// <summary>Percent that are here, or null when the size is unknown.</summary>
    public int? Percent => BytesTotal is > 0 ? (int)(100 * Math.Min(BytesDone, BytesTotal.Value) / BytesTotal.Value) : null;

    /// <summary>One line for people.</summary>
    public override string ToString() => BytesTotal is { } total
        ? string.Create(CultureInfo.InvariantCulture, $"Downloading {Archive}: {BytesDone / Megabyte:0.0} of {total / Megabyte:0.0} MB, {Percent} %")
        : string.Create(CultureInfo.InvariantCulture, $"Downloading {Archive}: {BytesDone / Megabyte:0.0} MB");
}
