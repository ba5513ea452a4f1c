using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Files;
using StreamingPg.Core.Model;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Core.Dashboard;

/// <summary>
/// Serves the live page to the browsers of this machine that know its link. .NET's own HttpListener does, so that the page needs neither
/// another process nor the ASP.NET runtime, which neither PowerShell nor the slim container image has.
/// </summary>
internal sealed class DashboardServer : IAsyncDisposable
{
    private const int PortAttempts = 20;
    private const int TokenDigits = 48;

    // http.sys lets only this name be listened on without the rights of an administrator.
    private static readonly string Name = OperatingSystem.IsWindows() ? "localhost" : "127.0.0.1";

    private readonly DatabaseConnection _connection;
    private readonly DashboardReader _reader;
    private readonly DashboardOptions _options;
    private readonly DashboardFeed _feed;
    private readonly HttpListener _listener;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _work;
    private readonly string _token = RandomNumberGenerator.GetHexString(TokenDigits, lowercase: true);
    private readonly DateTime _startedAt = TimeProvider.System.GetUtcNow().UtcDateTime;
    private DateTime? _readAt;
    private string? _folder;

    private DashboardServer(DatabaseConnection connection, DashboardReader reader, DashboardOptions options, HttpListener listener, int port)
    {
        _connection = connection;
        _reader = reader;
        _options = options;
        _listener = listener;
        Port = port;
        _feed = new DashboardFeed(ReadAsync, options.Interval, TimeProvider.System);
        _work = Task.WhenAll(Task.Run(() => _feed.RunAsync(_stop.Token)), Task.Run(AcceptAsync));
    }

    /// <summary>The port.</summary>
    public int Port { get; }

    /// <summary>The address of the page. Whoever has it sees the page.</summary>
    public Uri Link => new($"http://{Name}:{Port}/{_token}/");

    /// <summary>What is told of it.</summary>
    public StreamingDashboard Result => new()
    {
        Link = Link,
        Port = Port,
        Server = $"{_connection}",
        AllowControl = _options.AllowControl,
        StartedAt = _startedAt,
    };

    /// <summary>How often the database was read.</summary>
    public int Readings => _feed.Readings;

    /// <summary>Starts it, if the database can be read.</summary>
    /// <param name="connection">The database; closed with the page, or when it cannot be started.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">How it is served.</param>
    /// <param name="cancellationToken">Cancels the start.</param>
    /// <exception cref="StreamingException">The database cannot be read, or the port cannot be listened on.</exception>
    public static async Task<DashboardServer> StartAsync(
        DatabaseConnection connection, StreamModel model, DashboardOptions options, CancellationToken cancellationToken)
    {
        try
        {
            options.Validate();
            var reader = new DashboardReader(connection, model, TimeProvider.System);
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            var (listener, port) = Listen(options.Port);
            return new DashboardServer(connection, reader, options, listener, port);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Opens the page in the user's browser.</summary>
    /// <returns>Why it could not be opened; null when it was.</returns>
    public string? Open() => Open(WebBrowser.Open);

    /// <summary>Opens the page by a program of the caller's, which gets a file that leads to it.</summary>
    internal string? Open(Func<string, string?> open)
    {
        // A page may be served for months, and systems clear their temporary folders.
        if (!Directory.Exists(_folder))
        {
            _folder = Directory.CreateTempSubdirectory("streamingpg-dashboard-").FullName;
        }

        return open(WebBrowser.WriteSecret(Link, _folder));
    }

    /// <summary>Ends it: open pages are told so.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        _listener.Close();
        await _work.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _feed.Dispose();
        _stop.Dispose();
        await _connection.DisposeAsync().ConfigureAwait(false);
        if (_folder is not null)
        {
            try
            {
                Directory.Delete(_folder, recursive: true);
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
            {
                // Gone, or in use: the system's temporary folder is cleared some day, and the link in it leads nowhere now.
            }
        }
    }

    private static (HttpListener Listener, int Port) Listen(int? given)
    {
        for (var attempt = 1; ; attempt++)
        {
            var port = given ?? FreePort();
            var listener = new HttpListener { IgnoreWriteExceptions = false };
            try
            {
                listener.Prefixes.Add($"http://{Name}:{port}/");
                listener.Start();
                return (listener, port);
            }
            catch (HttpListenerException exception)
            {
                listener.Close();
                if (given is not null || attempt == PortAttempts)
                {
                    throw new StreamingException(
                        ErrorIds.DashboardNotStarted,
                        StreamingErrorKind.InvalidInput,
                        $"The dashboard cannot listen on port {port}: {exception.Message}",
                        "Use another -ListenPort (--listen-port), or omit it for a free one.",
                        port,
                        exception);
                }
            }
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    /// <summary>What every page gets: the parts, or why there are none.</summary>
    private async Task<string> ReadAsync(CancellationToken stop)
    {
        try
        {
            var figures = await _reader.ReadAsync(stop).ConfigureAwait(false);
            _readAt = figures.Time;
            var parts = new DashboardPage(figures, StreamControl.Of(_connection), _options.AllowControl).Parts()
                .Select(part => KeyValuePair.Create(part.Key, (JsonNode?)part.Value));
            return Message("live", $"Live, {DisplayText.Instant(figures.Time)}.", new JsonObject(parts));
        }
        catch (Exception exception) when (!stop.IsCancellationRequested)
        {
            // Whatever it is, the page says so and goes on.
            return Message(
                "lost",
                $"The database cannot be read: {exception.Message} Trying again every {DisplayText.Duration(_options.Interval)}. "
                    + (_readAt is null ? "" : $"The figures below are of {DisplayText.Instant(_readAt)}."),
                []);
        }
    }

    private string Message(string state, string text, JsonObject parts) => new JsonObject
    {
        ["state"] = state,
        ["text"] = text,
        ["server"] = $"{_connection}",
        ["parts"] = parts,
    }.ToJsonString();

    private async Task AcceptAsync()
    {
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var context = await _listener.GetContextAsync().ConfigureAwait(false);
                _ = Task.Run(() => AnswerAsync(context));
            }
            catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException or InvalidOperationException)
            {
                // Closed, or a request that broke off.
                await Task.Delay(TimeSpan.FromMilliseconds(10), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var answer = new DashboardAnswer(context.Response);
        try
        {
            var refusal = Refusal(context.Request);
            await (refusal is { } status ? answer.StatusAsync(status) : RouteAsync(context.Request, answer)).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is HttpListenerException or IOException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
        {
            // The browser went away, or the dashboard ends.
        }
        catch (Exception)
        {
            answer.Fail();
        }
        finally
        {
            answer.Close();
        }
    }

    /// <summary>Why a request gets nothing: it is from elsewhere, for another host (DNS rebinding), of another page, or without the token.</summary>
    private HttpStatusCode? Refusal(HttpListenerRequest request)
    {
        var host = $"{Name}:{Port}";
        var origin = request.Headers["Origin"];
        var site = request.Headers["Sec-Fetch-Site"];
        return !IPAddress.IsLoopback(request.RemoteEndPoint.Address) || request.UserHostName != host ? HttpStatusCode.Forbidden
            : origin is not null && origin != $"http://{host}" ? HttpStatusCode.Forbidden
            : site is not (null or "same-origin" or "none") && !IsNavigation(request) ? HttpStatusCode.Forbidden
            : !HasToken(request.RawUrl ?? "") ? HttpStatusCode.NotFound
            : null;
    }

    /// <summary>A link that is followed, which may stand in another page (a mail, a chat).</summary>
    private static bool IsNavigation(HttpListenerRequest request) =>
        request.HttpMethod == "GET" && request.Headers["Sec-Fetch-Mode"] == "navigate" && request.Headers["Sec-Fetch-Dest"] == "document";

    private bool HasToken(string url) => url.Split('/') is ["", var token, ..]
        && CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(token), Encoding.UTF8.GetBytes(_token));

    private Task RouteAsync(HttpListenerRequest request, DashboardAnswer answer)
    {
        if (request.RawUrl!.Length < _token.Length + 2)
        {
            return answer.RedirectAsync($"/{_token}/");
        }

        var path = request.RawUrl[(_token.Length + 2)..];
        return (request.HttpMethod, path) switch
        {
            ("GET", "events") => answer.EventsAsync(_feed.ListenAsync(_stop.Token), _stop.Token),
            ("GET", "" or "dashboard.css" or "dashboard.js" or "feed.js") => answer.FileAsync(path),
            ("POST", _) when path.StartsWith("streams/", StringComparison.Ordinal) => ControlAsync(path, request, answer),
            _ => answer.StatusAsync(HttpStatusCode.NotFound),
        };
    }

    /// <summary>Pauses, resumes or stops a stream. Only a script of the page itself can send the header.</summary>
    private Task ControlAsync(string path, HttpListenerRequest request, DashboardAnswer answer)
    {
        if (!_options.AllowControl || request.Headers["X-StreamingPg"] is null)
        {
            return answer.StatusAsync(HttpStatusCode.Forbidden);
        }

        var stream = StreamControl.Of(_connection).FirstOrDefault(stream => path.StartsWith($"streams/{stream.Id}/", StringComparison.Ordinal));
        Action? action = path.Split('/')[^1] switch
        {
            "pause" => stream is null ? null : stream.Pause,
            "resume" => stream is null ? null : stream.Resume,
            "stop" => stream is null ? null : stream.Stop,
            _ => null,
        };
        action?.Invoke();
        _feed.Refresh();
        return action is null ? answer.StatusAsync(HttpStatusCode.NotFound) : answer.TextAsync("text/plain; charset=utf-8", "done");
    }
}
