using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Numerics;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Options that take a duration, written as everywhere in the product. The engine checks how long it may be.</summary>
internal static class DurationOption
{
    private const string HelpName = "duration";

    /// <summary>Makes an option that need not be given.</summary>
    public static Option<TimeSpan?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = HelpName,
        CustomParser = result => Parse(result, name),
    };

    /// <summary>Makes an option with a default.</summary>
    public static Option<TimeSpan> Create(string name, string description, TimeSpan usual) => new(name)
    {
        Description = description,
        HelpName = HelpName,
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(result, name) ?? usual,
    };

    private static TimeSpan? Parse(ArgumentResult result, string name)
    {
        var text = result.Tokens.Single().Value;
        if (DurationText.Parse(text) is { } duration)
        {
            return duration;
        }

        result.AddError($"{name}: {DurationText.Problem(text)} Use a duration {DurationText.Examples}.");
        return null;
    }
}

/// <summary>Options that take an instant; one without a zone is local time.</summary>
internal static class InstantOption
{
    /// <summary>Makes the option.</summary>
    public static Option<DateTime?> Create(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "time",
        CustomParser = result =>
        {
            var text = result.Tokens.Single().Value;
            if (InstantText.Parse(text) is { } time)
            {
                return time;
            }

            result.AddError($"{name}: '{text}' is not a time {InstantText.Examples}.");
            return null;
        },
    };
}

/// <summary>Options that take a number within a range; what lies outside is wrong usage.</summary>
internal static class NumberOption
{
    /// <summary>Makes an option that need not be given.</summary>
    public static Option<T?> Create<T>(string name, string description, T minimum, T? maximum = null)
        where T : struct, INumber<T> => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result => Parse(result, name, minimum, maximum),
    };

    /// <summary>Makes an option with a default.</summary>
    public static Option<T> WithDefault<T>(string name, string description, T usual, T minimum, T? maximum = null)
        where T : struct, INumber<T> => new(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => usual,
        CustomParser = result => Parse(result, name, minimum, maximum) ?? usual,
    };

    private static T? Parse<T>(ArgumentResult result, string name, T minimum, T? maximum)
        where T : struct, INumber<T>
    {
        var text = result.Tokens.Single().Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= minimum && !(value > maximum))
        {
            return value;
        }

        var range = maximum is null ? $"{minimum} or more" : $"from {minimum} to {maximum}";
        result.AddError($"{name} must be {range}, not '{text}'.");
        return null;
    }
}

/// <summary>Options with an empty value, which in a script usually is a variable that was not set.</summary>
internal static class EmptyValue
{
    /// <summary>One message for each.</summary>
    public static IEnumerable<string> Errors(ParseResult parsed) => parsed.CommandResult.Children
        .OfType<OptionResult>()
        .Where(static option => option.Tokens.Any(static token => string.IsNullOrWhiteSpace(token.Value)))
        .Select(static option => $"{option.Option.Name} needs a value, but it is empty.");
}
