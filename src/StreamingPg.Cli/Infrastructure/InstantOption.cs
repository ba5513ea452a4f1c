using System.CommandLine;
using StreamingPg.Core.Binary;

namespace StreamingPg.Cli.Infrastructure;

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
