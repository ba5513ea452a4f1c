using System.Text.Json;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Loading.Batches;
using StreamingPg.Core.Report;
using StreamingPg.Core.Schema;
using StreamingPg.Tests.Integration.Infrastructure;
using StreamingPg.Tests.Integration.Loading;
using StreamingPg.Tests.Integration.Relations;
using StreamingPg.Tests.Unit.Report;

namespace StreamingPg.Tests.Integration.Report;

/// <summary>Reports on tables of a real server.</summary>
[Collection(SecondPostgres.Name)]
public sealed class ReportTests(PostgresFixture postgres)
{
    // Each drawing, as it is laid out: is it there, large enough to read, and within the window?
    private const string DrawingsScript =
        """
        JSON.stringify([...document.querySelectorAll('figure')].map(figure => {
            const svg = figure.querySelector('svg'); const box = svg ? svg.getBoundingClientRect() : { width: 0, height: 0, right: 0 };
            const marks = svg ? [...svg.querySelectorAll('rect, path, circle')].filter(mark => mark.getBoundingClientRect().width > 0).length : 0;
            const text = svg ? Math.min(...[...svg.querySelectorAll('text')].map(label => label.getBoundingClientRect().height)) : 0;
            return { Title: figure.querySelector('figcaption').textContent, Width: box.width, Height: box.height, Right: box.right, Marks: marks, TextHeight: text };
        }))
        """;

    // Labels of a drawing that lie on one another, or reach out of it.
    private const string CollisionsScript =
        """
        [...document.querySelectorAll('figure')].flatMap(figure => {
            const labels = [...figure.querySelectorAll('svg text')].map(label => ({ text: label.textContent, box: label.getBoundingClientRect() }));
            const frame = figure.getBoundingClientRect();
            const out = labels.filter(label => label.box.left < frame.left || label.box.right > frame.right).map(label => label.text);
            const pairs = labels.flatMap((one, index) => labels.slice(index + 1).filter(other =>
                one.box.left < other.box.right && other.box.left < one.box.right && one.box.top + 2 < other.box.bottom && other.box.top + 2 < one.box.bottom)
                .map(other => `${one.text} | ${other.text}`));
            return [...out, ...pairs].map(problem => `${figure.querySelector('figcaption').textContent}: ${problem}`);
        })
        """;

    private sealed record Drawing(string Title, double Width, double Height, double Right, int Marks, double TextHeight);

    [Fact]
    public async Task Every_chart_is_drawn_on_a_wide_screen_and_on_a_phone_without_a_complaint()
    {
        HeadlessBrowser.SkipWhereThereIsNone();
        await using var shop = await LoadedShop.CreateAsync(postgres, "a\"b<script>alert(1)</script>");
        for (var batch = 0; batch < 3; batch++)
        {
            await shop.LoadAsync();
        }

        await HarmAsync(shop);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "report.html");
        await ReportExporter.ExportAsync(
            shop.Connection, MetadataReader.Default, new ReportOptions(), file, overwrite: false, progress: null, CancellationToken.None);

        await using var browser = await HeadlessBrowser.StartAsync();
        foreach (var width in new[] { 1280, 390 })
        {
            await browser.ShowAsync(file, width);
            var drawings = JsonSerializer.Deserialize<List<Drawing>>(await browser.EvaluateAsync<string>(DrawingsScript))!;

            Assert.InRange(drawings.Count, 14, 18);
            Assert.All(drawings, drawing =>
            {
                Assert.InRange(drawing.Width, 280, 560);
                Assert.True(drawing.Height > 40 && drawing.Marks > 0, $"{drawing} has nothing in it");
                Assert.True(drawing.Right <= width, $"{drawing} leaves the window of {width}");
                Assert.True(drawing.TextHeight >= 11, $"{drawing} cannot be read");
            });
            Assert.True(await browser.EvaluateAsync<int>("document.documentElement.scrollWidth") <= width, $"The page is wider than {width}.");
            Assert.Equal(0, await browser.EvaluateAsync<int>("document.scripts.length"));
            await browser.EvaluateAsync<object?>("document.querySelectorAll('details').forEach(details => details.open = true), null");
            foreach (var scheme in new[] { "light", "dark" })
            {
                await browser.PreferAsync(scheme);
                await browser.SaveImageAsync($"report-{width}-{scheme}");
                Assert.Empty(await browser.FindBarriersAsync());
            }
        }

        Assert.Empty(browser.Complaints);
    }

    [Fact]
    public async Task Labels_do_not_collide_whatever_the_period()
    {
        HeadlessBrowser.SkipWhereThereIsNone();
        using var folder = new TemporaryFolder();
        await using var browser = await HeadlessBrowser.StartAsync();
        foreach (var seconds in new[] { 0, 40, 600, 7_000, 40_000, 200_000, 2_000_000, 20_000_000, 400_000_000 })
        {
            var file = Path.Combine(folder.Path, $"{seconds}.html");
            await File.WriteAllTextAsync(file, ReportExporter.Render(SampleReport.Over(TimeSpan.FromSeconds(seconds))));
            await browser.ShowAsync(file, 1280);
            Assert.Empty(await browser.EvaluateAsync<string[]>(CollisionsScript));
            Assert.True(await browser.EvaluateAsync<int>("document.querySelectorAll('text.place').length") >= 10, $"{seconds} s have no labels.");
        }

        await browser.ResizeAsync(390);
        Assert.Empty(await browser.EvaluateAsync<string[]>(CollisionsScript));
    }

    [Fact]
    public async Task Distributions_are_of_any_schema()
    {
        await using var database = await postgres.CreateDatabaseAsync();
        var model = MetadataReader.Load(ShopExample.Path);
        await SchemaInitializer.InitializeAsync(database.Connection, model, planOnly: false, CancellationToken.None);
        await BatchRunner.RunAsync(
            database.Connection, model, new BatchOptions { Rows = new Dictionary<string, long>(), RowsOfMetadata = true }, progress: null, CancellationToken.None);

        var data = await new ReportReader(database.Connection, model, new ReportOptions { Integrity = false }, progress: null).ReadAsync(CancellationToken.None);

        Assert.Null(data.Shop);
        Assert.Contains(data.Distributions, distribution => !distribution.IsNumeric);
        Assert.Contains(data.Distributions, distribution => distribution.IsNumeric);
        Assert.All(data.Distributions, distribution =>
        {
            var rows = data.Growth.Single(table => table.Table == distribution.Table).Rows;
            Assert.InRange(distribution.Counts.Sum(count => count.Rows), 1, rows);
            Assert.InRange(distribution.Counts.Count, 1, 24);
        });
    }

    [Fact]
    public async Task Report_shows_what_the_tables_hold()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.LoadAsync();

        var data = await ReadAsync(shop, new ReportOptions { Top = 5 });

        Assert.Equal([20L, 60, 200], data.Growth.Select(table => table.Rows));
        Assert.Equal(2, data.Timeline.Buckets.Sum(bucket => bucket.Batches));
        Assert.Equal(200, data.Timeline.Buckets[^1].Rows["detailed_transactions"]);
        Assert.Equal(60, data.Shop!.Hours.Sum());
        Assert.Equal(60, data.Distributions.Single(distribution => distribution.Column == "amount").Counts.Sum(count => count.Rows));
        Assert.Equal("transactions", data.Events!.Table);
        Assert.Equal(60, data.Events.Week.Sum(day => day.Sum()));
        Assert.Equal((60L, 60L), (data.Events.Stretches!.Happened.Sum(), data.Events.Stretches.Loaded.Sum()));
        Assert.Equal(60, data.Events.Late!.Sum());
        Assert.Equal(0, data.Events.Late![^1]);
        Assert.Equal(
            (await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.transactions WHERE status = 'completed'"), 60L),
            Of(data.Distributions.Single(distribution => distribution.Column == "status")));
        Assert.Equal(5, data.Shop.Users.Count);
        Assert.All(data.Integrity!, result => Assert.True(result.Status < IntegrityStatus.Broken, result.Check));
        Assert.Equal(
            await shop.Database.ScalarAsync<long>("SELECT count(*) FROM streaming.transactions WHERE extract(hour FROM transaction_date) = 12"),
            data.Shop.Hours[12]);
    }

    [Fact]
    public async Task Rows_before_the_time_looked_at_count_from_the_beginning()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        await shop.LoadAsync();
        await shop.Database.ExecuteAsync("UPDATE streaming.batch_ledger SET started_at = started_at - interval '2 days', committed_at = committed_at - interval '2 days'");
        await shop.LoadAsync();

        var data = await ReadAsync(shop, new ReportOptions { Since = DateTime.UtcNow.AddDays(-1), Integrity = false });

        Assert.Equal(1, data.Timeline.Buckets.Sum(bucket => bucket.Batches));
        Assert.Equal(20, data.Timeline.Buckets[^1].Rows["users"]);
        Assert.Null(data.Integrity);
    }

    [Fact]
    public async Task File_that_is_there_is_kept_when_asked_and_a_folder_that_is_not_is_named()
    {
        await using var shop = await LoadedShop.CreateAsync(postgres);
        using var folder = new TemporaryFolder();
        var file = Path.Combine(folder.Path, "report.html");
        await File.WriteAllTextAsync(file, "mine");

        var exists = await Assert.ThrowsAsync<StreamingException>(() => ExportAsync(shop, file, overwrite: false));
        var nowhere = await Assert.ThrowsAsync<StreamingException>(() => ExportAsync(shop, Path.Combine(folder.Path, "no", "report.html"), overwrite: true));

        Assert.Equal("ReportExists", exists.ErrorId);
        Assert.Equal("ReportNotWritten", nowhere.ErrorId);
        Assert.Equal("mine", await File.ReadAllTextAsync(file));
        await ExportAsync(shop, file, overwrite: true);
        Assert.StartsWith("<!DOCTYPE html>", await File.ReadAllTextAsync(file), StringComparison.Ordinal);
        Assert.Single(Directory.GetFiles(folder.Path));
    }

    private static (long Completed, long All) Of(Distribution status) =>
        (status.Counts.Single(count => count.Name == "completed").Rows, status.Counts.Sum(count => count.Rows));

    /// <summary>Names of products and people that would be markup, and a broken row.</summary>
    private static async Task HarmAsync(LoadedShop shop)
    {
        var schema = StreamingPg.Core.Model.Identifier.Quote(shop.Connection.Schema);
        await shop.Database.ExecuteAsync($"UPDATE {schema}.users SET name = '<script>throw 1</script><img src=x onerror=alert(1)>' || name");
        await shop.Database.ExecuteAsync($"UPDATE {schema}.detailed_transactions SET product_name = repeat('\"><svg onload=alert(1)>', 5) WHERE id < 50");
        await shop.Database.ExecuteAsync($"UPDATE {schema}.transactions SET status = '</text></svg>' WHERE amount > 100");
        await shop.Database.ExecuteAsync($"UPDATE {schema}.detailed_transactions SET quantity = -1 WHERE id = 1");
    }

    private static Task<ReportData> ReadAsync(LoadedShop shop, ReportOptions options) =>
        new ReportReader(shop.Connection, MetadataReader.Default, options, progress: null).ReadAsync(CancellationToken.None);

    private static Task ExportAsync(LoadedShop shop, string file, bool overwrite) => ReportExporter.ExportAsync(
        shop.Connection, MetadataReader.Default, new ReportOptions(), file, overwrite, progress: null, CancellationToken.None);
}
