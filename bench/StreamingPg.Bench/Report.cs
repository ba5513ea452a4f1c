using System.Globalization;
using System.Text;

namespace StreamingPg.Bench;

/// <summary>The table as Markdown.</summary>
internal static class Report
{
    private static readonly string[] Heads = ["#", "work", "against", "target", "measured", "spread", "met", "figures"];

    public static string Markdown(
        BenchOptions options, string machine, string serverVersion, string serverSettings, DateTime startedAt, IReadOnlyList<Finding> findings)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"Measured {startedAt:yyyy-MM-dd HH:mm} UTC");
        text.AppendLine(options.IsQuick ? ", **quick run: small sizes, so the figures are a hint and no more**." : ".");
        text.AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"- Machine: {machine}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Server: PostgreSQL {serverVersion}; {serverSettings}");
        text.AppendLine(CultureInfo.InvariantCulture, $"- Sizes: bulk batch {options.Scale.BulkBatch} rows in transactions of {options.Scale.BulkChunk:N0}, "
            + $"small batch {BenchScale.SmallBatch}, grown tables {options.Scale.GrownRows:N0} rows");
        text.AppendLine();
        AppendLine(text, Heads);
        AppendLine(text, [.. Heads.Select(_ => "---")]);
        foreach (var finding in findings)
        {
            AppendLine(text, Cells(finding));
        }

        return text.ToString();
    }

    /// <summary>One finding as a line for the log.</summary>
    public static string Line(Finding finding) => string.Join(" | ", Cells(finding));

    private static string[] Cells(Finding finding) =>
    [
        finding.Row.ToString(CultureInfo.InvariantCulture),
        finding.Work,
        finding.Against,
        finding.Target,
        finding.Figure,
        finding.Spread,
        Word(finding.Verdict),
        finding.Details,
    ];

    private static string Word(Verdict verdict) => verdict switch
    {
        Verdict.Met => "yes",
        Verdict.Missed => "**no**",
        Verdict.NoTarget => "",
        Verdict.NotRun => "not run",
        _ => "**failed**",
    };

    private static void AppendLine(StringBuilder text, IReadOnlyList<string> cells) =>
        text.Append("| ").AppendJoin(" | ", cells.Select(Escape)).AppendLine(" |");

    private static string Escape(string cell) =>
        cell.Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
