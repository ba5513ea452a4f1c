using System.Collections.Concurrent;
using System.Formats.Tar;
using System.IO.Compression;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>
/// A registry in this process that offers an archive laid out as the real ones, and can behave badly. Its programs are scripts that
/// call those of this machine.
/// </summary>
public sealed class ArchiveSource : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Task _serving;

    private ArchiveSource(byte[] archive)
    {
        Bytes = archive;
        using (var port = new TcpListener(IPAddress.Loopback, 0))
        {
            port.Start();
            Address = new Uri($"http://127.0.0.1:{((IPEndPoint)port.LocalEndpoint).Port}/npm/");
        }

        _listener.Prefixes.Add(Address.AbsoluteUri);
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Address { get; }

    public byte[] Bytes { get; }

    /// <summary>Path and first byte of every request.</summary>
    public ConcurrentQueue<(string Path, long From)> Requests { get; } = new();

    /// <summary>What is sent for a request: its number from 1, the response, and the first byte that is wanted. Null means all, at once.</summary>
    public Func<int, HttpListenerResponse, long, Task>? Behaviour { get; set; }

    internal ServerArchive Archive => new("test-x64", "15.0.0-test", Convert.ToBase64String(SHA512.HashData(Bytes)));

    internal ServerSource Source => new() { Address = Address, Patience = TimeSpan.FromSeconds(60), RetryDelay = TimeSpan.FromMilliseconds(10) };

    public static async Task<ArchiveSource> CreateAsync()
    {
        var programs = await ServerBinaries.FindAsync(major: null, CancellationToken.None);
        using var archive = new MemoryStream();
        await using (var zipped = new GZipStream(archive, CompressionLevel.Fastest, leaveOpen: true))
        await using (var tar = new TarWriter(zipped, TarEntryFormat.Ustar))
        {
            foreach (var program in new[] { programs.InitDb, programs.PgCtl, programs.Postgres })
            {
                await AddAsync(tar, $"package/native/bin/{Path.GetFileName(program)}", Encoding.UTF8.GetBytes($"#!/bin/sh\nexec '{program}' \"$@\"\n"), isProgram: true);
            }

            // Large enough to be cut, and not to be compressed away.
            await AddAsync(tar, "package/native/lib/libfill.so.1.2", RandomNumberGenerator.GetBytes(600_000));
            await AddAsync(tar, "package/native/pg-symlinks.json", """[{"source":"native/lib/libfill.so.1.2","target":"native/lib/libfill.so"}]"""u8.ToArray());
            await AddAsync(tar, "package/package.json", "{}"u8.ToArray());
        }

        return new ArchiveSource(archive.ToArray());
    }

    /// <summary>Sends a piece and then breaks the connection.</summary>
    public async Task SendAndCutAsync(HttpListenerResponse response, long from, int count)
    {
        await SendAsync(response, from, count);
        response.Abort();
    }

    /// <summary>Sends the headers of all that is left, and a piece of it.</summary>
    public async Task SendAsync(HttpListenerResponse response, long from, int? count = null)
    {
        var rest = Bytes.AsMemory((int)from);
        response.StatusCode = from > 0 ? 206 : 200;
        response.ContentLength64 = rest.Length;
        if (from > 0)
        {
            response.Headers["Content-Range"] = $"bytes {from}-{Bytes.Length - 1}/{Bytes.Length}";
        }

        await response.OutputStream.WriteAsync(rest[..Math.Min(count ?? rest.Length, rest.Length)]);
        await response.OutputStream.FlushAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    internal ServerPrograms Programs(string folder) => new() { SearchesSystem = false, Folder = folder, Source = Source, Archive = Archive };

    private static async Task AddAsync(TarWriter tar, string name, byte[] content, bool isProgram = false)
    {
        using var data = new MemoryStream(content);
        var read = UnixFileMode.UserRead | UnixFileMode.GroupRead | UnixFileMode.OtherRead | UnixFileMode.UserWrite;
        await tar.WriteEntryAsync(new UstarTarEntry(TarEntryType.RegularFile, name)
        {
            DataStream = data,
            Mode = isProgram ? read | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute : read,
        });
    }

    private async Task ServeAsync()
    {
        var requests = new List<Task>();
        try
        {
            for (var number = 1; ; number++)
            {
                requests.Add(AnswerAsync(number, await _listener.GetContextAsync()));
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or InvalidOperationException)
        {
            await Task.WhenAll(requests);
        }
    }

    private async Task AnswerAsync(int number, HttpListenerContext context)
    {
        var range = context.Request.Headers["Range"];
        var from = range is null ? 0 : long.Parse(range["bytes=".Length..].TrimEnd('-'), System.Globalization.CultureInfo.InvariantCulture);
        Requests.Enqueue((context.Request.RawUrl!, from));
        try
        {
            await (Behaviour is { } behave ? behave(number, context.Response, from) : SendAsync(context.Response, from));
            context.Response.Close();
        }
        catch (Exception exception) when (exception is IOException or HttpListenerException or ObjectDisposedException or InvalidOperationException)
        {
            // The client went away, or the connection was broken on purpose.
        }
    }
}
