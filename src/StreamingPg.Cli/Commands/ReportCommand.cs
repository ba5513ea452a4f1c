using System.CommandLine;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Report;

namespace StreamingPg.Cli.Commands;

/// <summary>Writes a report on the tables as one HTML file.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "report",
            "Writes growth, batches, analyses, integrity and health to one HTML file that needs no network.",
            "report --path report.html",
            "report --path report.html --since 2026-01-01 --estimate --skip-integrity");
        DatabaseOptions.AddTo(command, ConnectionPurpose.Report);
        var path = new Option<string>("--path") { Description = "The file", HelpName = "file", Required = true };
        var top = SharedOptions.Top("users and products", ReportOptions.DefaultTop, ReportOptions.MaxTop);
        var skipIntegrity = new Option<bool>("--skip-integrity") { Description = "Skip the integrity checks, which read every row" };
        var against = LikenessCommand.AgainstOption();
        var noClobber = new Option<bool>("--no-clobber") { Description = "Do not replace an existing file" };
        command.AddOptions(path, top, SharedOptions.Estimate, skipIntegrity, against, noClobber, SharedOptions.WhatIf);
        var analytics = AnalyticsOptionGroup.AddTo(command, "batches, transactions and line items", "their own time");
        command.Run(async (parsed, output, cancellationToken) =>
        {
            var model = DatabaseOptions.ReadModel(parsed);
            await using var connection = DatabaseOptions.Connect(parsed);
            var range = analytics.Read(parsed);
            var options = new ReportOptions
            {
                Since = range.Since,
                Until = range.Until,
                StatementTimeout = range.StatementTimeout,
                Top = parsed.GetValue(top),
                Estimate = parsed.GetValue(SharedOptions.Estimate),
                Integrity = !parsed.GetValue(skipIntegrity),
                Against = parsed.GetValue(against),
            };
            var file = Path.GetFullPath(parsed.GetValue(path)!);
            if (parsed.GetValue(SharedOptions.WhatIf))
            {
                return output.WhatIf($"Write a report on {connection} to {file}");
            }

            await ReportExporter.ExportAsync(
                connection, model, options, file, !parsed.GetValue(noClobber), progress: null, cancellationToken).ConfigureAwait(false);
            output.Write(new WrittenFile(file, new FileInfo(file).Length), ("report", file), ("size", DisplayText.Bytes(new FileInfo(file).Length)));
            return ExitCode.Done;
        });
        return command;
    }
}
