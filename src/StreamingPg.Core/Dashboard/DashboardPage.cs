using StreamingPg.Core.Health;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Report;
using StreamingPg.Core.Report.Charts;
using StreamingPg.Core.Streaming;

namespace StreamingPg.Core.Dashboard;

/// <summary>Draws the parts of the live page, each the inside of the element with its id in dashboard.html, as the report draws them.</summary>
internal sealed class DashboardPage(DashboardFigures figures, IReadOnlyList<StreamControl> streams, bool allowControl)
{
    private static readonly TimeSpan Period = DashboardReader.BinLength * DashboardReader.Bins;

    private readonly TimePlaces _time = new(figures.Bins[0].Start, DashboardReader.BinLength, figures.Bins.Count);

    /// <summary>The parts by id.</summary>
    public Dictionary<string, string> Parts() => new(StringComparer.Ordinal)
    {
        ["tiles"] = MarkupWriter.Part(page => new PageParts(page).Tiles(Tiles())),
        ["controls"] = MarkupWriter.Part(Controls),
        ["streams"] = Table(Streams()),
        ["charts"] = MarkupWriter.Part(page => new PageParts(page).Charts([.. Charts()])),
        ["tables"] = Table(Tables()),
        ["commits"] = Table(Commits()),
        ["week"] = MarkupWriter.Part(Week),
        ["health"] = MarkupWriter.Part(page => new PageParts(page).Checks(HealthTable.Of(figures.Slow.Health))),
    };

    private static string Table(ReportTable table) => MarkupWriter.Part(page => new PageParts(page).Table(table));

    private IEnumerable<(string Name, string Value, string Style)> Tiles()
    {
        var minute = figures.Bins.TakeLast(4).ToList();
        var time = figures.Time - minute[0].Start;
        yield return ("Rows", DisplayText.Rows(figures.Tables.Sum(table => table.Rows), figures.Tables.Any(table => table.IsEstimate)), "");
        yield return ("Rows/s", DisplayText.SmallRate(minute.Sum(bin => bin.Rows) / time.TotalSeconds), "");
        yield return ("Batches/min", DisplayText.SmallRate(minute.Sum(bin => bin.Batches) / time.TotalMinutes), "");
        yield return ("Last commit", figures.Commits.Count == 0 ? "none" : Age(figures.Commits[0].CommittedAt), "");
        yield return ("Lag", Lag(), "");
        yield return ("Latency p95", Seconds(figures.Bins.LastOrDefault(bin => bin.P95 is not null)?.P95), "");
        yield return ("Retries", DisplayText.Count(figures.Bins.Sum(bin => bin.Retries)), figures.Bins.Any(bin => bin.Retries > 0) ? ReportRow.Warning : "");
        yield return HealthTable.Tile(figures.Slow.Health);
    }

    /// <summary>How late batches begin: measured by the streams of this process, else as the ledger shows.</summary>
    private string Lag() =>
        streams.Count > 0 ? DisplayText.Duration(streams.Max(stream => stream.Summary.Lag))
        : figures.Slow.Health.FirstOrDefault(result => result.Check == HealthCheck.Lag) is { Value: not null } lag ? lag.ValueText
        : "unknown";

    private void Controls(MarkupWriter page)
    {
        foreach (var stream in allowControl ? streams : [])
        {
            page.Begin("p", ("class", "controls")).Text($"Stream {stream.Id}, {(stream.IsPaused ? "paused" : "running")}: ");
            Button(page, stream, stream.IsPaused ? "resume" : "pause");
            Button(page, stream, "stop");
            page.End();
        }

        if (allowControl && streams.Count == 0)
        {
            page.Leaf("p", "No stream runs in the process that serves this page.", ("class", "empty"));
        }
    }

    private static void Button(MarkupWriter page, StreamControl stream, string action) => page.Leaf(
        "button",
        char.ToUpperInvariant(action[0]) + action[1..],
        ("type", "button"),
        ("data-action", $"{stream.Id}/{action}"),
        ("aria-label", $"{char.ToUpperInvariant(action[0])}{action[1..]} stream {stream.Id}"));

    private ReportTable Streams()
    {
        var own = streams.Select(stream => (stream, summary: stream.Summary)).Select(both => new ReportRow(
        [
            $"Stream {both.stream.Id} of this process, {(both.stream.IsPaused ? "paused" : "running")}",
            DisplayText.Count(both.summary.Batches),
            DisplayText.Count(both.summary.Rows),
            DisplayText.Count(both.summary.Retries),
            DisplayText.Count(both.summary.MissedTicks),
            DisplayText.Duration(both.summary.Lag),
            "",
            DisplayText.Duration(both.summary.Duration),
        ]));
        var writers = figures.Writers.Select(writer => new ReportRow(
        [
            $"{writer.Name}{(writer.Name == BatchLedger.Writer ? " (this process)" : "")}, last {DisplayText.Duration(Period)}",
            DisplayText.Count(writer.Batches),
            DisplayText.Count(writer.Rows),
            DisplayText.Count(writer.Retries),
            "",
            "",
            Seconds(writer.P95),
            Age(writer.LastCommit),
        ]));
        return new ReportTable("Streams", ["Loaded by", "Batches", "Rows", "Retries", "Missed ticks", "Lag", "Latency p95", "Running for, or last commit"], [.. own, .. writers]);
    }

    private IEnumerable<Chart> Charts()
    {
        yield return Columns("Rows", "Rows that were loaded.", $"rows per {_time.Length}", bin => bin.Rows);
        yield return Columns("Batches", "Batches and imports that were committed.", $"batches per {_time.Length}", bin => bin.Batches);
        yield return ReportCharts.Latency(
            _time, [.. figures.Bins.Select(bin => bin.P50)], [.. figures.Bins.Select(bin => bin.P95)]);
        yield return Columns("Retries", "Attempts that failed and were made again.", $"retries per {_time.Length}", bin => bin.Retries, $"None in the last {DisplayText.Duration(Period)}.");
        yield return Growth();
        yield return ReportCharts.RowsByTable(figures.Tables);
    }

    /// <summary>Rows of all tables: what they have now, less what was loaded after each stretch.</summary>
    private LineChart Growth()
    {
        var rows = new double?[figures.Bins.Count];
        var now = figures.Tables.Sum(table => table.Rows);
        for (var bin = rows.Length - 1; bin >= 0; bin--)
        {
            rows[bin] = Math.Max(0, now);
            now -= figures.Bins[bin].Rows;
        }

        return new LineChart
        {
            Title = "Growth",
            Description = "Rows of all tables: what they have now, less what was loaded since.",
            Places = _time.Names,
            PlaceUnit = _time.Unit,
            Time = _time,
            ValueUnit = "rows",
            Series = [("rows", rows)],
        };
    }

    private ColumnChart Columns(string title, string description, string unit, Func<DashboardBin, long> value, string empty = Chart.NothingYet) => new()
    {
        Title = title,
        EmptyText = empty,
        Description = $"{description} {DisplayText.Count(figures.Bins.Sum(value))} in the last {DisplayText.Duration(Period)}.",
        Places = _time.Names,
        PlaceUnit = _time.Unit,
        Time = _time,
        ValueUnit = unit,
        Values = [.. figures.Bins.Select(bin => (double)value(bin))],
    };

    private ReportTable Tables() => new(
        "Tables",
        ["Table", "Rows", ReportTables.Last(figures.Tables), "Table size", "Index size"],
        [.. figures.Tables.Select(table => new ReportRow(
        [
            table.Table,
            DisplayText.Rows(table.Rows, table.IsEstimate),
            DisplayText.Count(table.InPeriod),
            DisplayText.Bytes(table.TableBytes),
            DisplayText.Bytes(table.IndexBytes),
        ]))]);

    private ReportTable Commits() => new(
        "Latest commits",
        ["Batch", "Kind", "Chunk", "Committed at (UTC)", "Duration", "Rows", "Retries", "Loaded by"],
        [.. figures.Commits.Select(commit => new ReportRow(
        [
            DisplayText.Count(commit.BatchNumber),
            commit.Kind,
            $"{commit.Chunk} of {commit.Chunks}",
            DisplayText.Instant(commit.CommittedAt),
            DisplayText.Duration(commit.CommittedAt - commit.StartedAt),
            DisplayText.Tables(commit.Tables),
            DisplayText.Count(commit.Retries),
            commit.Writer,
        ]))]);

    private void Week(MarkupWriter page)
    {
        if (figures.Slow.WeekTable is not { } table)
        {
            page.Leaf("p", figures.Slow.WeekProblem, ("class", "empty"));
            return;
        }

        new PageParts(page).Charts([EventCharts.Week(table, figures.Slow.Week)]);
    }

    private string Age(DateTime committed) => (long)(figures.Time - committed).TotalSeconds is > 0 and var seconds
        ? $"{(seconds < 60 ? $"{seconds} s" : DisplayText.Duration(TimeSpan.FromSeconds(seconds)))} ago"
        : "now";

    private static string Seconds(double? seconds) => seconds is { } known ? DisplayText.Duration(TimeSpan.FromSeconds(known)) : "";
}
