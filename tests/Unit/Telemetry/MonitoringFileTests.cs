using StreamingPg.Tests.Unit.Infrastructure;
using System.Diagnostics.Metrics;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.RegularExpressions;
using Npgsql;
using StreamingPg.Core.Telemetry;

namespace StreamingPg.Tests.Unit.Telemetry;

/// <summary>Dashboard, alert rules and docs/monitoring.md speak of what the meters really have.</summary>
public sealed partial class MonitoringFileTests
{
    private static readonly List<Instrument> Instruments = FindInstruments();

    private static readonly HashSet<string> Metrics = [.. Instruments.SelectMany(PrometheusName.Of), "ALERTS"];

    // The last three are Prometheus's own; the pool's are Npgsql's.
    private static readonly HashSet<string> Labels =
    [
        .. typeof(TelemetryName).GetFields(BindingFlags.Public | BindingFlags.Static).Select(name => $"{name.GetRawConstantValue()}".Replace('.', '_')),
        "db_client_connection_state", "db_client_connection_pool_name", "job", "instance", "le",
    ];

    [Fact]
    public void Every_panel_of_the_dashboard_shows_what_there_is()
    {
        using var dashboard = JsonDocument.Parse(RepositoryFile.Read("docs", "monitoring", "dashboard.json"));
        var panels = dashboard.RootElement.GetProperty("panels").EnumerateArray().ToList();
        var targets = panels.SelectMany(panel => panel.GetProperty("targets").EnumerateArray()).ToList();

        Assert.Equal(panels.Count, panels.Select(panel => panel.GetProperty("id").GetInt32()).Distinct().Count());
        Assert.All(targets, target => AssertKnown(target.GetProperty("expr").GetString()!));
        Assert.All(
            targets.SelectMany(target => Braces().Matches(target.GetProperty("legendFormat").GetString()!)),
            label => Assert.Contains(label.Groups[1].Value, Labels));
        Assert.All(
            dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
                .Where(variable => variable.GetProperty("type").GetString() == "query"),
            variable => Assert.Contains(LabelValues().Match(variable.GetProperty("query").GetString()!).Groups[1].Value, Metrics));

        // And it leaves nothing of ours out.
        var all = string.Join('\n', targets.Select(target => target.GetProperty("expr").GetString()));
        Assert.All(
            Instruments.Where(instrument => instrument.Meter.Name == TelemetryName.Source),
            instrument => Assert.Contains(PrometheusName.Of(instrument), name => all.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public void Every_alert_is_about_what_there_is()
    {
        var rules = RepositoryFile.Read("docs", "monitoring", "alerts.yml");
        var expressions = Expressions().Matches(rules);

        Assert.Equal(Regex.Count(rules, "- alert:"), expressions.Count);
        Assert.All(expressions, expression => AssertKnown(expression.Groups[1].Value));
        Assert.All(
            Regex.Matches(rules, @"\$labels\.(\w+)"), label => Assert.Contains(label.Groups[1].Value, Labels));
    }

    [Fact]
    public void Every_instrument_is_in_the_documentation_with_its_unit()
    {
        var page = RepositoryFile.Read("docs", "monitoring.md");

        Assert.All(
            Instruments.Where(instrument => instrument.Meter.Name == TelemetryName.Source),
            instrument => Assert.Contains($"| `{instrument.Name}` | `{instrument.Unit}` |", page, StringComparison.Ordinal));
        Assert.All(
            Regex.Matches(page, @"`(streamingpg_\w+|db_client_\w+)`"), name => Assert.Contains(name.Groups[1].Value, Metrics));
        Assert.All(
            Regex.Matches(RepositoryFile.Read("docs", "monitoring", "alerts.yml"), @"- alert: (\w+)"),
            alert => Assert.Contains($"`{alert.Groups[1].Value}`", page, StringComparison.Ordinal));
    }

    private static void AssertKnown(string expression)
    {
        var selectors = Regex.Matches(expression, @"\{([^}]*)\}|\b(?:by|on) \(([^)]*)\)");
        Assert.All(
            selectors.SelectMany(selector => Regex.Matches(Regex.Replace(selector.Value, "\"[^\"]*\"", ""), @"[a-z_]+"))
                .Select(word => word.Value).Where(word => word is not ("by" or "on")),
            label => Assert.Contains(label, Labels));
        var names = Regex.Matches(Regex.Replace(expression, @"\{[^}]*\}|\b(?:by|on) \([^)]*\)", ""), @"\b(?:streamingpg|db)_\w+");
        Assert.NotEmpty(names);
        Assert.All(names, name => Assert.Contains(name.Value, Metrics));
    }

    private static List<Instrument> FindInstruments()
    {
        var found = new List<Instrument>();
        RuntimeHelpers.RunClassConstructor(typeof(StreamingMeter).TypeHandle);
        using var source = NpgsqlDataSource.Create("Host=localhost");
        using var listener = new MeterListener { InstrumentPublished = (instrument, _) => found.Add(instrument) };
        listener.Start();
        return [.. found.Where(instrument => instrument.Meter.Name is TelemetryName.Source or "Npgsql")];
    }

    [GeneratedRegex(@"\{\{(\w+)\}\}")]
    private static partial Regex Braces();

    [GeneratedRegex(@"label_values\((\w+)")]
    private static partial Regex LabelValues();

    [GeneratedRegex(@"expr: (?:>-\n)?((?:.+\n)(?:          .+\n)*)")]
    private static partial Regex Expressions();
}
