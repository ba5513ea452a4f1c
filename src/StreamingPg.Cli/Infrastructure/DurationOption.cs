using System.CommandLine;
using System.CommandLine.Parsing;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Options that take a duration, written as everywhere in the product.</summary>
internal static class DurationOption
{
    private const string HelpName = "duration";

    /// <summary>Makes an option that need not be given.</summary>
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = HelpName,
        CustomParser = result => Parse(result, name, TimeSpan.Zero),
    };

    /// <summary>Makes an option with a default.</summary>
    public static Option<TimeSpan> Create(string name, string description, TimeSpan usual, TimeSpan least) => new(name)
    {
        Description = description,
        HelpName = HelpName,
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(result, name, least) ?? usual,
    };

    private static TimeSpan? Parse(ArgumentResult result, string name, TimeSpan least)
    {
        var text = result.Tokens.Single().Value;
        if (DurationText.Parse(text) is not { } duration)
        {
            result.AddError($"{name}: {DurationText.Problem(text)} Give a duration {DurationText.Examples}.");
            return null;
        }

        if (duration < least)
        {
            result.AddError($"{name}: '{text}' is too short. Give {DisplayText.Duration(least)} or more.");
            return null;
        }

        return duration;
    }
}
