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
    private static readonly Lazy<string> AxeScript = new(ReadAxe);
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    private readonly Process _process;
    private readonly string _profile;
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _patience = new();
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
            browser._patience.CancelAfter(Patience);
            await browser._socket.ConnectAsync(new Uri(await browser.ReadAddressAsync()), browser._patience.Token);
            await browser.OpenTabAsync();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Opens a tab, which is the one that all else is about until another is chosen.</summary>
    /// <returns>What <see cref="ChooseAsync"/> takes.</returns>
    public async Task<string> OpenTabAsync()
    {
        _session = null;
        var target = await SendAsync("Target.createTarget", new JsonObject { ["url"] = "about:blank" });
        var attached = await SendAsync(
            "Target.attachToTarget", new JsonObject { ["targetId"] = (string)target["targetId"]!, ["flatten"] = true });
        _session = (string)attached["sessionId"]!;
        foreach (var domain in new[] { "Page", "Runtime", "Log", "Network" })
        {
            await SendAsync($"{domain}.enable", []);
        }

        return _session;
    }

    /// <summary>Brings a tab to the front.</summary>
    public Task ChooseAsync(string tab)
    {
        _session = tab;
        return SendAsync("Page.bringToFront", []);
    }

    /// <summary>Shows a page, of a file or an address, in a window of that width.</summary>
    public async Task ShowAsync(string page, int width)
    {
        var address = new Uri(page).AbsoluteUri;
        await ResizeAsync(width);
        await SendAsync("Page.navigate", new JsonObject { ["url"] = address });
        await WaitForAsync($"document.readyState === 'complete' && location.href === {JsonSerializer.Serialize(address)}");
    }

    /// <summary>Gives the window a width.</summary>
    public Task ResizeAsync(int width) => SendAsync(
        "Emulation.setDeviceMetricsOverride",
        new JsonObject { ["width"] = width, ["height"] = 900, ["deviceScaleFactor"] = 1, ["mobile"] = width < 600 });

    /// <summary>Says that the user likes dark pages, or light ones.</summary>
    public Task PreferAsync(string scheme) => SendAsync(
        "Emulation.setEmulatedMedia",
        new JsonObject { ["features"] = new JsonArray(new JsonObject { ["name"] = "prefers-color-scheme", ["value"] = scheme }) });

    /// <summary>Waits until a condition in the page holds.</summary>
    public async Task WaitForAsync(string condition)
    {
        var begin = Stopwatch.GetTimestamp();
        while (!await EvaluateAsync<bool>(condition))
        {
            Assert.True(Stopwatch.GetElapsedTime(begin) < Patience, $"{condition} did not come true within {Patience}.");
            await Task.Delay(20, _patience.Token);
        }
    }

    /// <summary>The value of an expression in the page, awaited if it is a promise.</summary>
    public async Task<T> EvaluateAsync<T>(string expression)
    {
        var answer = await SendAsync(
            "Runtime.evaluate", new JsonObject { ["expression"] = expression, ["returnByValue"] = true, ["awaitPromise"] = true });
        return answer["exceptionDetails"] is null
            ? answer["result"]!["value"].Deserialize<T>()!
            : throw new InvalidOperationException($"{expression}: {answer.ToJsonString()}");
    }

    /// <summary>What axe finds wrong with the page for people who do not see, hear or point: the rule and the places.</summary>
    public async Task<string[]> FindBarriersAsync()
    {
        if (!await EvaluateAsync<bool>("typeof axe === 'object'"))
        {
            // Not as an element of the page, which its content security policy would forbid.
            await EvaluateAsync<object?>(AxeScript.Value + ";null");
        }

        return await EvaluateAsync<string[]>(
            "axe.run().then(found => found.violations.map(rule => `${rule.id}: ${rule.nodes.map(node => node.html).slice(0, 3).join(' ')}`))");
    }

    /// <summary>A picture of the whole page for a person, where STREAMINGPG_TEST_IMAGES names a folder.</summary>
    public async Task SaveImageAsync(string name)
    {
        if (Environment.GetEnvironmentVariable("STREAMINGPG_TEST_IMAGES") is not { Length: > 0 } folder)
        {
            return;
        }

        var image = await SendAsync("Page.captureScreenshot", new JsonObject { ["captureBeyondViewport"] = true });
        await File.WriteAllBytesAsync(Path.Combine(folder, $"{name}.png"), Convert.FromBase64String((string)image["data"]!));
    }

    public async ValueTask DisposeAsync()
    {
        _socket.Dispose();
        _process.Kill(entireProcessTree: true);
        await _process.EndAsync();
        _process.Dispose();
        _patience.Dispose();
        await DeleteProfileAsync();
    }

    /// <summary>A helper that the browser has let go writes into its profile until it has ended, too.</summary>
    private async Task DeleteProfileAsync()
    {
        for (var attempt = 0; ; attempt++)
        {
            try
            {
                Directory.Delete(_profile, recursive: true);
                return;
            }
            catch (Exception exception) when (exception is IOException or UnauthorizedAccessException && attempt < 600)
            {
                await Task.Delay(100);
            }
        }
    }

    private static string ReadAxe()
    {
        using var stream = typeof(Deque.AxeCore.Commons.AxeRunOptions).Assembly.GetManifestResourceStream("Deque.AxeCore.Commons.Resources.axe.min.js")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
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
        // For each step, of which a test has many.
        _patience.CancelAfter(Patience);
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
