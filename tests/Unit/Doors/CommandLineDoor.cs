using System.CommandLine;
using StreamingPg.Cli.Infrastructure;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>The commands of <c>streamingpg</c> as they declare themselves.</summary>
internal static class CommandLineDoor
{
    /// <summary>Every command that does something, by its name.</summary>
    public static Dictionary<string, Command> Commands() => CommandTree.Create().Subcommands
        .SelectMany(command => command.Subcommands.Count == 0
            ? [(command.Name, command)]
            : command.Subcommands.Select(sub => ($"{command.Name} {sub.Name}", sub)))
        .ToDictionary();

    /// <summary>What an option is when it is not given; that of a type for an option that says nothing.</summary>
    public static object? Default(Option option) => option.HasDefaultValue
        ? option.GetDefaultValue()
        : option.ValueType.IsValueType ? Activator.CreateInstance(option.ValueType) : null;

    /// <summary>True when an option takes a value.</summary>
    public static bool Takes(Command command, Option option, string value) =>
        !command.Parse([option.Name, value, .. command.Name == "import" ? ["--table", "t"] : Array.Empty<string>()]).Errors
            .Any(error => error.Message.Contains(option.Name, StringComparison.Ordinal) || error.Message.Contains($"'{value}'", StringComparison.Ordinal));
}
