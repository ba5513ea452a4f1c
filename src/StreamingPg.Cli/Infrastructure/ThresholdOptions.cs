using System.CommandLine;
using System.Globalization;
using StreamingPg.Core.Health;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say from which values on health checks warn.</summary>
internal sealed class ThresholdOptions
{
    private readonly Option<FileInfo> _file = new Option<FileInfo>("--threshold-file")
    {
        Description = "JSON file such as {\"Connections\": [0.7, 0.9]}",
        HelpName = "file",
    }.AcceptExistingOnly();

    private readonly Option<(string Name, double Warning, double Critical)[]> _thresholds = new("--threshold")
    {
        Description = "Values for a warning and for critical, such as Connections=0.7,0.9; may be given several times",
        HelpName = "check=number,number",
        CustomParser = result =>
        {
            var parsed = result.Tokens.Select(token => (Token: token.Value, Value: Parse(token.Value))).ToList();
            foreach (var (token, _) in parsed.Where(threshold => threshold.Value is null))
            {
                result.AddError($"--threshold '{token}' is not of the form Connections=0.7,0.9.");
            }

            return [.. parsed.Select(threshold => threshold.Value ?? default)];
        },
    };

    private ThresholdOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static ThresholdOptions AddTo(Command command)
    {
        var options = new ThresholdOptions();
        command.Options.Add(options._file);
        command.Options.Add(options._thresholds);
        return options;
    }

    /// <summary>What was asked for; single values go before those of the file.</summary>
    public HealthThresholds Read(ParseResult parsed) => (parsed.GetValue(_thresholds) ?? []).Aggregate(
        parsed.GetValue(_file) is { } file ? HealthThresholds.Default.Load(file.FullName) : HealthThresholds.Default,
        static (thresholds, one) => thresholds.With(one.Name, one.Warning, one.Critical));

    private static (string Name, double Warning, double Critical)? Parse(string text)
    {
        var parts = text.Split('=', ',');
        return parts.Length == 3
            && double.TryParse(parts[1], CultureInfo.InvariantCulture, out var warning)
            && double.TryParse(parts[2], CultureInfo.InvariantCulture, out var critical)
            ? (parts[0], warning, critical)
            : null;
    }
}
