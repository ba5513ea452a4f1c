using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace StreamingPg.Tests.Integration.Report;

/// <summary>A Chromium without a window, driven over its DevTools protocol.</summary>
internal sealed class HeadlessBrowser : IAsyncDisposable
{
    private static readonly string[] Names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _patience = new(Patience);
    private readonly List<string> _complaints = [];
    private string? _session;
    private int _lastId;

    private HeadlessBrowser(Process process, string profile)
    {
        _process = process;
        _profile = profile;
    }

    /// <summary>The program, or null when there is none on PATH.</summary>
    private static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
        .SelectMany(folder => Names.Select(name => Path.Combine(folder, name))).FirstOrDefault(File.Exists);

    /// <summary>What a test that looks at a page begins with.</summary>
    public static void SkipWhereThereIsNone() =>
        Assert.SkipWhen(Program is null, "There is no Chromium on PATH, so no page was looked at (Debian: apt-get install chromium).");

    /// <summary>Errors and warnings that pages wrote to the console, and requests that failed.</summary>
    public IReadOnlyList<string> Complaints => _complaints;

    public static async Task<HeadlessBrowser> StartAsync()
    {
        var profile = Directory.CreateTempSubdirectory("streamingpg-browser-").FullName;
        var process = TestProcess.Start(new ProcessStartInfo(Program!)
        {
            RedirectStandardError = true,
            ArgumentList =
            {
                "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                "--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-port=0", $"--user-data-dir={profile}", "about:blank",
            },
        });
        var browser = new HeadlessBrowser(process, profile);
        try
        {
            await browser._socket.ConnectAsync(new Uri(await browser.ReadAddressAsync()), browser._patience.Token);
            var target = await browser.SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
            var attached = await browser.SendAsync(
                "Target.attachToTarget", new JsonObject { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true });
            browser._session = (string)attached["sessionId"]!;
            foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
            {
                await browser.SendAsync($"{domain}.enable", []);
            }

            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Shows a file in a window of that width.</summary>
    public async Task ShowAsync(string file, int width)
    {
        await SendAsync(
            "Emulation.setDeviceMetricsOverride",
            new JsonObject { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });
        await SendAsync("Page.navigate", new JsonObject { ["url"] = new Uri(file).AbsoluteUri });
        while (await EvaluateAsync<string>("document.readyState + location.protocol") != "completefile:")
        {
            await Task.Delay(50, _patience.Token);
        }
    }

    /// <summary>The value of an expression in the page.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await SendAsync("Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true });
        return answer["result"]!["value"].Deserialize<T>()!;
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.EndAsync();
        _process.Dispose();
        _patience.Dispose();
        Directory.Delete(_profile, recursive: true);
    }

    private async Task<string> ReadAddressAsync()
    {
        const string Prefix = "DevTools listening on ";
        while (await _process.StandardError.ReadLineAsync(_patience.Token) is { } line)
        {
            if (line.StartsWith(Prefix, StringComparison.Ordinal))
            {
                // Read on, so that the browser never waits for room.
                _ = _process.StandardError.ReadToEndAsync(CancellationToken.None);
                return line[Prefix.Length..];
            }
        }

        throw new InvalidOperationException("The browser ended at once.");
    }

    private async Task<JsonNode> SendAsync(string method, JsonObject parameters)
    {
        var id = ++_lastId;
        var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters };
        if (_session is not null)
        {
            message["sessionId"] = _session;
        }

        await _socket.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), WebSocketMessageType.Text, true, _patience.Token);
        while (true)
        {
            var answer = await ReceiveAsync();
            if ((int?)answer["id"] == id)
            {
                return answer["result"] ?? throw new InvalidOperationException($"{method}: {answer.ToJsonString()}");
            }

            Listen(answer);
        }
    }

    private void Listen(JsonNode message)
    {
        if ((string?)message["method"] is "Runtime.exceptionThrown" or "Log.entryAdded" or "Runtime.consoleAPICalled" or "Network.loadingFailed")
        {
            _complaints.Add(message.ToJsonString());
        }
    }

    private async Task<JsonNode> ReceiveAsync()
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16384];
        WebSocketReceiveResult part;
        do
        {
            part = await _socket.ReceiveAsync(buffer, _patience.Token);
            await whole.WriteAsync(buffer.AsMemory(0, part.Count), _patience.Token);
        }
        while (!part.EndOfMessage);
        return JsonNode.Parse(whole.ToArray())!;
    }
}
