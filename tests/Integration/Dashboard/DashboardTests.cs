using System.Diagnostics;
using System.Net;
using System.Text.Json.Nodes;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Dashboard;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Streaming;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;
using StreamingPg.Tests.Integration.Report;

namespace StreamingPg.Tests.Integration.Dashboard;

/// <summary>The live page: who gets it, what it costs, and what it shows.</summary>
[Collection(SecondPostgres.Name)]
public sealed class DashboardTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);

    [Fact]
    public async Task Only_who_has_the_link_gets_the_page_and_only_from_the_page_itself()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var server = await StartAsync(shop, allowControl: false);
        using var client = new HttpClient();
        async Task<HttpStatusCode> AskAsync(Uri address, string method = "GET", params (string Name, string Value)[] headers)
        {
            using var request = new HttpRequestMessage(new HttpMethod(method), address);
            foreach (var (name, value) in headers)
            {
                request.Headers.TryAddWithoutValidation(name, value);
            }

            request.Content = method == "POST" ? new StringContent("") : null;
            using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
            return response.StatusCode;
        }

        var link = server.Link;
        Assert.True(link.IsLoopback);
        Assert.Equal(HttpStatusCode.OK, await AskAsync(link));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(link, "GET", ("Origin", $"http://{link.Authority}"), ("Sec-Fetch-Site", "same-origin")));
        Assert.Equal(HttpStatusCode.OK, await AskAsync(link, "GET", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "navigate"), ("Sec-Fetch-Dest", "document")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(link, "GET", ("Origin", "http://example.com")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(link, "GET", ("Origin", "null")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(new Uri(link, "feed.js"), "GET", ("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Mode", "no-cors")));
        Assert.Contains(await AskOtherHostAsync(link), new[] { HttpStatusCode.Forbidden, HttpStatusCode.NotFound, HttpStatusCode.BadRequest });
        var page = await client.GetStringAsync(new Uri(link.AbsoluteUri.TrimEnd('/')));
        Assert.Equal(await client.GetStringAsync(link), page);
        Assert.Contains("<html", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(new Uri(link, "/")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(new Uri(link, $"/{new string('0', 48)}/")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(new Uri(link, $"/{new string('0', 48)}/events")));
        Assert.Equal(HttpStatusCode.NotFound, await AskAsync(new Uri(link, "report.css")));
        Assert.Equal(HttpStatusCode.Forbidden, await AskAsync(new Uri(link, "streams/1/stop"), "POST", ("X-StreamingPg", "dashboard")));
    }

    [Fact]
    public async Task What_takes_longer_is_not_read_again_at_once_when_it_failed()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        var clock = new Clock();
        var reader = new DashboardReader(shop.Connection, MetadataReader.Default, clock);
        var before = await reader.ReadAsync(CancellationToken.None);
        await shop.Database.ExecuteAsync("ALTER TABLE streaming.transactions RENAME TO elsewhere");
        clock.Ahead = DashboardReader.SlowInterval * 2;

        await Assert.ThrowsAsync<StreamingException>(() => reader.ReadAsync(CancellationToken.None));
        Assert.Same(before.Slow, (await reader.ReadAsync(CancellationToken.None)).Slow);

        await shop.Database.ExecuteAsync("ALTER TABLE streaming.elsewhere RENAME TO transactions");
        clock.Ahead *= 2;
        Assert.NotSame(before.Slow, (await reader.ReadAsync(CancellationToken.None)).Slow);
    }

    [Fact]
    public async Task Many_listeners_cost_one_query_set_and_none_costs_nothing()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await using var server = await StartAsync(shop, allowControl: false);
        using var client = new HttpClient();
        var before = server.Readings;
        await Task.Delay(Interval * 2);
        Assert.Equal(before, server.Readings);

        var clock = Stopwatch.StartNew();
        var messages = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => ReadAsync(client, server, messages: 4)));

        // Each got four of them. With a query set for each listener there would have been ten at each interval.
        Assert.InRange(server.Readings - before, 4, MostReadings(clock));
        Assert.All(messages, message =>
        {
            Assert.Equal("live", (string?)message["state"]);
            Assert.Contains("detailed_transactions", (string)message["parts"]!["tables"]!, StringComparison.Ordinal);
            Assert.DoesNotContain("<button", message["parts"]!.ToJsonString(), StringComparison.Ordinal);
            var password = shop.Database.Settings().Password;
            Assert.True(string.IsNullOrEmpty(password) || !message.ToJsonString().Contains(password, StringComparison.Ordinal), "The password is in a message.");
        });
    }

    [Fact]
    public async Task What_fails_is_answered_with_500_and_the_page_goes_on()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var server = await StartAsync(shop, allowControl: true);
        var stream = Start(shop, TimeSpan.FromMilliseconds(100));
        await WaitAsync(() => stream.Runner.Summary.Batches >= 1);
        var control = Assert.Single(StreamControl.Of(shop.Connection));
        await using var fault = control.Stopping.Register(() => throw new FormatException("a fault of the stream's own"));
        using var client = new HttpClient();
        client.DefaultRequestHeaders.Add("X-StreamingPg", "test");

        var answer = await client.PostAsync(new Uri(server.Link, $"streams/{control.Id}/stop"), new StringContent(""));

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
        Assert.Empty(await answer.Content.ReadAsStringAsync());
        Assert.Equal("live", (string?)(await ReadAsync(client, server, messages: 1))["state"]);
        await stream.Running;
    }

    [Fact]
    public async Task Link_is_opened_by_a_file_that_only_the_user_can_read_also_after_its_folder_was_cleared()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var server = await StartAsync(shop, allowControl: false);
        for (var time = 0; time < 3; time++)
        {
            Assert.Equal("no browser", server.Open(file =>
            {
                Assert.Contains($"url={server.Link}\"", File.ReadAllText(file), StringComparison.Ordinal);
                var folder = new DirectoryInfo(Path.GetDirectoryName(file)!);
                Assert.True(OperatingSystem.IsWindows() || folder.UnixFileMode == (UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute));
                folder.Delete(recursive: true);
                return "no browser";
            }));
        }
    }

    [Fact]
    public async Task Command_serves_the_page_for_its_duration_and_tells_open_pages_of_its_end()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        using var process = StreamingPgProgram.On(shop.Database.Settings()).Start("dashboard", "--duration", "8s", "--interval", "100ms", "--json");
        var link = new Uri((string)JsonNode.Parse((await process.StandardOutput.NextLineAsync())!)!["link"]!);
        using var client = new HttpClient();

        // Connected until the end, which is that of the command.
        using var events = new StreamReader(await client.GetStreamAsync(new Uri(link, "events")));
        Assert.StartsWith("retry: ", await events.ReadLineAsync(), StringComparison.Ordinal);
        try
        {
            await events.ReadToEndAsync();
        }
        catch (Exception exception) when (exception is IOException or HttpRequestException)
        {
            // It ended without a last chunk.
        }

        await process.EndAsync();
        Assert.Equal(0, process.ExitCode);
        await Assert.ThrowsAsync<HttpRequestException>(() => client.GetAsync(link));
    }

    [Fact]
    public async Task Stream_is_paused_resumed_and_stopped_by_the_page()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var server = await StartAsync(shop, allowControl: true);
        using var client = new HttpClient();
        var stream = Start(shop, TimeSpan.FromMilliseconds(100));
        await WaitAsync(() => stream.Runner.Summary.Batches >= 2);
        var id = Assert.Single(StreamControl.Of(shop.Connection)).Id;
        Task<HttpResponseMessage> PostAsync(string action)
        {
            var request = new HttpRequestMessage(HttpMethod.Post, new Uri(server.Link, $"streams/{id}/{action}")) { Content = new StringContent("") };
            request.Headers.Add("X-StreamingPg", "dashboard");
            return client.SendAsync(request);
        }

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("pause")).StatusCode);
        await WaitAsync(async () => await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.batch_ledger WHERE kind = 'stream-end'") == 1);
        var batches = stream.Runner.Summary.Batches;
        await Task.Delay(400);
        Assert.Equal(batches, stream.Runner.Summary.Batches);

        Assert.Equal(HttpStatusCode.OK, (await PostAsync("resume")).StatusCode);
        await WaitAsync(() => stream.Runner.Summary.Batches >= batches + 2);

        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("burn")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await PostAsync("stop")).StatusCode);
        await stream.Running;
        Assert.Equal(StreamStopReason.Stopped, stream.Runner.Summary.StopReason);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAsync("stop")).StatusCode);
        await shop.AssertSoundAsync();
    }

    [Fact]
    public async Task Page_follows_a_stream_in_ten_tabs_and_recovers_when_the_database_returns()
    {
        HeadlessBrowser.SkipWhereThereIsNone();
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await using var server = await StartAsync(shop, allowControl: true);
        await using var browser = await HeadlessBrowser.StartAsync();
        var stream = Start(shop, TimeSpan.FromMilliseconds(300));
        await browser.ShowAsync(server.Link.AbsoluteUri, 1280);
        await browser.WaitForAsync("document.querySelectorAll('figure svg').length >= 5");
        const string Rows = "Number(document.querySelector('#tiles dd').textContent.replace(/[~,]/g, ''))";
        var first = await browser.EvaluateAsync<long>(Rows);
        await browser.WaitForAsync($"{Rows} > {first}");
        foreach (var (width, scheme) in new[] { (1280, "light"), (1280, "dark"), (390, "light"), (390, "dark") })
        {
            await browser.ResizeAsync(width);
            await browser.PreferAsync(scheme);
            Assert.Empty(await browser.FindBarriersAsync());
            Assert.True(await browser.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width, $"The page is wider than {width}.");
            await browser.SaveImageAsync($"live-{width}-{scheme}");
        }

        // A browser opens six connections to one place at most: the tabs share one, and the stream's buttons still get through.
        List<string> tabs = [];
        for (var tab = 0; tab < 9; tab++)
        {
            tabs.Add(await browser.OpenTabAsync());
            await browser.ShowAsync(server.Link.AbsoluteUri, 1280);
        }

        foreach (var tab in tabs)
        {
            await browser.ChooseAsync(tab);
            await browser.WaitForAsync("document.getElementById('state').className === 'state live'");
        }

        var readings = server.Readings;
        var clock = Stopwatch.StartNew();
        await Task.Delay(Interval * 5);
        await WaitAsync(() => server.Readings > readings);
        var more = server.Readings - readings;
        Assert.InRange(more, 1, MostReadings(clock));

        await browser.EvaluateAsync<object?>("document.querySelector('[data-action$=\"/pause\"]').click(), null");
        await browser.WaitForAsync("document.querySelector('[data-action$=\"/resume\"]') !== null");
        await browser.EvaluateAsync<object?>("document.querySelector('[data-action$=\"/stop\"]').click(), null");
        await stream.Running;

        Assert.True(browser.Complaints.Count == 0, string.Join(Environment.NewLine, browser.Complaints));
        await using (await OutageAsync(shop))
        {
            await browser.WaitForAsync("document.getElementById('state').className === 'state lost'");
        }

        await browser.WaitForAsync("document.getElementById('state').className === 'state live'");
        await shop.LoadAsync();
        await browser.WaitForAsync($"{Rows} === {(await shop.CountAsync()).Details + (await shop.CountAsync()).Transactions + (await shop.CountAsync()).Users}");
    }

    /// <summary>Query sets until now, one for each interval and one for each edge of the time.</summary>
    private static long MostReadings(Stopwatch clock) => (clock.Elapsed.Ticks / Interval.Ticks) + 2;

    private static Task<DashboardServer> StartAsync(LoadedShop shop, bool allowControl) => DashboardServer.StartAsync(
        shop.Connection.Copy(), MetadataReader.Default, new DashboardOptions { Interval = Interval, AllowControl = allowControl }, CancellationToken.None);

    private static (StreamRunner Runner, Task Running) Start(LoadedShop shop, TimeSpan interval)
    {
        var options = new StreamOptions { Batch = LoadedShop.Options(1, 2, 3), Interval = interval };
        var runner = new StreamRunner(shop.Connection, MetadataReader.Default, options, events: null, progress: null);
        return (runner, Task.Run(async () =>
        {
            await foreach (var _ in runner.RunAsync(CancellationToken.None))
            {
            }
        }));
    }

    /// <summary>
    /// What a page gets that calls this machine by a name of its own (DNS rebinding), on a connection of its own, as browsers keep one for each
    /// name. .NET's listener refuses such requests by itself and may send an empty answer after it, which the next request on that connection gets.
    /// </summary>
    private static async Task<HttpStatusCode> AskOtherHostAsync(Uri link)
    {
        using var client = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Get, link);
        request.Headers.Host = $"example.com:{link.Port}";
        using var response = await client.SendAsync(request);
        return response.StatusCode;
    }

    /// <summary>The last of some messages.</summary>
    private static async Task<JsonNode> ReadAsync(HttpClient client, DashboardServer server, int messages)
    {
        using var reader = new StreamReader(await client.GetStreamAsync(new Uri(server.Link, "events")));
        while (await reader.ReadLineAsync() is { } line)
        {
            if (line.StartsWith("data: ", StringComparison.Ordinal) && --messages == 0)
            {
                return JsonNode.Parse(line["data: ".Length..])!;
            }
        }

        throw new InvalidOperationException("The events ended.");
    }

    /// <summary>Nobody reaches the database until the result is disposed of.</summary>
    private static async Task<IAsyncDisposable> OutageAsync(LoadedShop shop)
    {
        var settings = shop.Database.Settings();
        var name = StreamingPg.Core.Model.Identifier.Quote(settings.Database!);
        settings.Database = "postgres";
        settings.Pooling = false;
        var admin = new Npgsql.NpgsqlConnection(settings.ConnectionString);
        await admin.OpenAsync();
        async Task RunAsync(string sql)
        {
            await using var command = new Npgsql.NpgsqlCommand(sql, admin);
            await command.ExecuteNonQueryAsync();
        }

        await RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS false");
        await RunAsync($"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{shop.Database.Name}'");
        return new Outage(async () =>
        {
            await RunAsync($"ALTER DATABASE {name} ALLOW_CONNECTIONS true");
            await admin.DisposeAsync();
        });
    }

    private static Task WaitAsync(Func<bool> condition) => WaitAsync(() => Task.FromResult(condition()));

    private static async Task WaitAsync(Func<Task<bool>> condition)
    {
        while (!await condition())
        {
            await Task.Delay(20);
        }
    }

    private sealed class Clock : TimeProvider
    {
        public TimeSpan Ahead { get; set; }

        public override long GetTimestamp() => base.GetTimestamp() + (long)(Ahead.TotalSeconds * TimestampFrequency);
    }

    private sealed class Outage(Func<Task> end) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync() => await end();
    }
}
