using System.CommandLine;
using System.CommandLine.Parsing;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Options with an empty value, which in a script usually is a variable that was not set.</summary>
internal static class EmptyValue
{
    /// <summary>One message for each.</summary>
    public static IEnumerable<string> Errors(ParseResult parsed) => parsed.CommandResult.Children
        .OfType<OptionResult>()
        .Where(static option => option.Tokens.Any(static token => string.IsNullOrWhiteSpace(token.Value)))
        .Select(static option => $"{option.Option.Name} needs a value, and the one given is empty.");
}
