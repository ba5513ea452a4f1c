using System.CommandLine;
using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>
/// Cmdlets and command line are two doors to one engine: what one of them can be asked, the other can be asked by the same name, with the
/// same default and the same range. What differs is wanted, and stands in <see cref="WantedDifference.All"/> with its reason.
/// </summary>
public sealed partial class ParityTests
{
    /// <summary>The command of each cmdlet; a cmdlet with parameter sets of its own may have several.</summary>
    internal static readonly (string Command, string Cmdlet, string? ParameterSet)[] Pairs =
    [
        ("server start", "Start-StreamingServer", null),
        ("server stop", "Stop-StreamingServer", null),
        ("server status", "Get-StreamingServer", null),
        ("server upgrade", "Update-StreamingServer", null),
        ("test", "Test-StreamingConnection", null),
        ("metadata", "Get-StreamingMetadata", null),
        ("generators", "Get-StreamingGenerator", null),
        ("locales", "Get-StreamingLocale", null),
        ("init", "Initialize-StreamingSchema", null),
        ("update-schema", "Update-StreamingSchema", null),
        ("batch", "Invoke-StreamingBatch", "Batch,Resume"),
        ("fill", "Invoke-StreamingBatch", "FromDatabase"),
        ("backfill", "Invoke-StreamingBatch", "History"),
        ("stream", "Invoke-StreamingBatch", "Stream"),
        ("generate", "New-StreamingRow", null),
        ("export", "Export-StreamingData", null),
        ("import", "Import-StreamingData", null),
        ("check", "Test-StreamingIntegrity", null),
        ("prune", "Remove-StreamingData", null),
        ("growth", "Get-StreamingGrowth", null),
        ("watch", "Watch-StreamingGrowth", null),
        ("dashboard", "Start-StreamingDashboard", null),
        ("ledger", "Get-StreamingBatch", null),
        ("close", "Close-StreamingBatch", null),
        ("rows", "Get-StreamingRow", null),
        ("query", "Invoke-StreamingQuery", null),
        ("clear", "Clear-StreamingData", null),
        ("remove-schema", "Remove-StreamingSchema", null),
        ("server remove", "Remove-StreamingServer", null),
        ("snapshot save", "Save-StreamingSnapshot", null),
        ("snapshot restore", "Restore-StreamingSnapshot", null),
        ("snapshot list", "Get-StreamingSnapshot", null),
        ("snapshot remove", "Remove-StreamingSnapshot", null),
        ("new-metadata", "New-StreamingMetadata", null),
        ("test-metadata", "Test-StreamingMetadata", null),
        ("export-metadata", "Export-StreamingMetadata", null),
        ("relations", "Get-StreamingRelationship", null),
        ("activity", "Get-StreamingUserActivity", null),
        ("sales", "Get-StreamingProductSale", null),
        ("events", "Get-StreamingEventTime", null),
        ("likeness", "Get-StreamingLikeness", null),
        ("report", "Export-StreamingReport", null),
        ("health", "Test-StreamingHealth", null),
        ("publication", "Test-StreamingPublication", null),
    ];

    private static readonly Dictionary<string, Command> Commands = CommandLineDoor.Commands();
    private static readonly IReadOnlyDictionary<string, CmdletDoor> Cmdlets = CmdletDoor.All();

    [Fact]
    public void Every_command_has_its_cmdlet_and_every_cmdlet_its_command()
    {
        Assert.Equal(
            Commands.Keys.Order(),
            Pairs.Select(pair => pair.Command).Concat(WantedDifference.CommandsWithoutCmdlet.Select(only => only.Command)).Order());
        Assert.Equal(
            Cmdlets.Keys.Order(),
            Pairs.Select(pair => pair.Cmdlet).Concat(WantedDifference.CmdletsWithoutCommand.Select(only => only.Cmdlet)).Distinct().Order());
    }

    [Fact]
    public void Both_doors_have_the_same_names_but_for_the_wanted_differences()
    {
        var found = new List<string>();
        foreach (var (command, cmdlet, set) in Pairs)
        {
            var options = Commands[command].Options.Select(option => option.Name).ToHashSet();
            var parameters = Cmdlets[cmdlet].Parameters(set).Select(parameter => OptionOf(parameter.Name)).ToHashSet();
            found.AddRange(options.Except(parameters).Select(option => $"{command} {option}"));
            found.AddRange(parameters.Except(options).Select(option => $"{command} -{NameOf(option)}"));
        }

        Assert.DoesNotContain(found, difference => !WantedDifference.All.Any(wanted => wanted.Covers(difference)));
        Assert.DoesNotContain(WantedDifference.All.SelectMany(wanted => wanted.Each()).Except(found), unused => !unused.StartsWith('*'));
        Assert.All(WantedDifference.All, wanted => Assert.Contains(found, wanted.Covers));
    }

    [Fact]
    public void Both_doors_have_the_same_defaults()
    {
        var different = Shared()
            .Where(both => !Equals(Plain(CommandLineDoor.Default(both.Option)), Plain(both.Parameter.Default)))
            .Where(both => !WantedDifference.Defaults.Any(wanted => wanted.Option == $"{both.Command} {both.Option.Name}"))
            .Select(both => $"{both.Command} {both.Option.Name}: {CommandLineDoor.Default(both.Option)}, {both.Parameter.Default}");

        Assert.Empty(different);
    }

    [Fact]
    public void Both_doors_take_the_same_kind_of_value()
    {
        var different = Shared()
            .Where(both => !both.Parameter.TakesSame(both.Option.ValueType))
            .Select(both => $"{both.Command} {both.Option.Name}: {both.Option.ValueType}, {both.Parameter.Type}");

        Assert.Empty(different);
    }

    [Fact]
    public void Both_doors_have_the_same_ranges()
    {
        var limited = 0;
        foreach (var (command, option, parameter) in Shared().Where(both => both.Parameter.IsNumber))
        {
            foreach (var (value, isIn) in parameter.Limits())
            {
                var text = Convert.ToString(value, CultureInfo.InvariantCulture)!;
                Assert.True(isIn == CommandLineDoor.Takes(Commands[command], option, text), $"{command} {option.Name} {text}: the cmdlet {(isIn ? "takes" : "refuses")} it.");
                limited++;
            }
        }

        Assert.InRange(limited, 50, int.MaxValue);
    }

    /// <summary>What both doors have by the same name.</summary>
    private static IEnumerable<(string Command, Option Option, CmdletParameter Parameter)> Shared() =>
        from pair in Pairs
        from option in Commands[pair.Command].Options
        from parameter in Cmdlets[pair.Cmdlet].Parameters(pair.ParameterSet)
        where OptionOf(parameter.Name) == option.Name
        select (pair.Command, option, parameter);

    /// <summary>Nothing, an empty text and an empty list all mean that nothing was asked for.</summary>
    private static object? Plain(object? value) => value switch
    {
        "" or System.Collections.ICollection { Count: 0 } => null,
        bool flag => flag ? true : null,
        _ => value,
    };

    private static string OptionOf(string parameter) => "--" + WordStart().Replace(parameter, "-$1").TrimStart('-').ToLowerInvariant();

    private static string NameOf(string option) =>
        string.Concat(option.TrimStart('-').Split('-').Select(word => char.ToUpperInvariant(word[0]) + word[1..]));

    [GeneratedRegex("([A-Z])")]
    private static partial Regex WordStart();
}
