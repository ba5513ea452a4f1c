using System.CommandLine;
using System.Globalization;
using StreamingPg.Cli.Infrastructure;
using StreamingPg.Core.Analytics;

namespace StreamingPg.Cli.Commands;

/// <summary>Shows how alike generated columns are to real ones.</summary>
internal static class LikenessCommand
{
    public static Command Create()
    {
        var command = new StreamingCommand(
            "likeness",
            "Compares the columns of generated tables with those of real ones by their distributions: 100 % is the same distribution, "
            + "0 % has nothing in common. No value leaves the server.",
            "likeness --schema development --against production",
            "likeness --schema development --table orders --against production.orders --json");
        DatabaseOptions.AddConnectionTo(command);
        var against = AgainstOption();
        against.Required = true;
        var sample = NumberOption.WithDefault(
            "--sample-size", "About how many rows of each table to read", LikenessOptions.DefaultSampleSize, LikenessOptions.MinSampleSize, LikenessOptions.MaxSampleSize);
        command.AddOptions(against, SharedOptions.Tables, sample, SharedOptions.StatementTimeout);
        command.Run(async (parsed, output, cancellationToken) =>
        {
            await using var connection = DatabaseOptions.Connect(parsed);
            var options = new LikenessOptions
            {
                Against = parsed.GetValue(against)!,
                Tables = parsed.GetValue(SharedOptions.Tables) ?? [],
                SampleSize = parsed.GetValue(sample),
                StatementTimeout = parsed.GetValue(SharedOptions.StatementTimeout),
            };
            output.Write(
                await LikenessReader.ReadAsync(connection, options, cancellationToken).ConfigureAwait(false),
                new TextTable<ColumnLikeness>()
                    .Text("table", result => result.Table)
                    .Text("column", result => result.Measure == LikenessMeasure.Overall ? "(all)" : result.Column)
                    .Text("compared", result => result.Measure == LikenessMeasure.Overall ? "average" : result.Measure.ToString().ToLowerInvariant())
                    .Number("distance", result => result.Distance?.ToString("0.000", CultureInfo.InvariantCulture) ?? "")
                    .Number("null", result => result.Measure == LikenessMeasure.Overall ? "" : DisplayText.Percent(result.Nulls))
                    .Number("real null", result => result.Measure == LikenessMeasure.Overall ? "" : DisplayText.Percent(result.AgainstNulls))
                    .Number("likeness", result => DisplayText.Percent(result.Likeness)));
            return ExitCode.Done;
        });
        return command;
    }

    /// <summary>What the tables are compared with.</summary>
    public static Option<string?> AgainstOption() => new("--against")
    {
        Description = "Real table to compare with, or the schema of tables with the same names",
        HelpName = "schema.table",
    };
}
