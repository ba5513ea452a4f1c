using System.CommandLine;
using System.Globalization;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Options that take an instant; one that does not say where it is meant is UTC.</summary>
internal static class UtcTimeOption
{
    /// <summary>Makes the option.</summary>
    public static Option<DateTime?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (DateTime.TryParse(
                text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            {
                return time;
            }

            result.AddError($"{name} '{text}' is no time such as 2026-01-31T12:00:00Z.");
            return null;
        },
    };
}
