using ArchUnitNET.Domain;
using ArchUnitNET.Loader;
using StreamingPg.Core.Model;
using StreamingPg.Core.Rights;

namespace StreamingPg.Tests.Unit.Rooms;

/// <summary>The rooms of the engine stand in one order, and a room refers only to rooms before it, so no two refer to each other.</summary>
public sealed class RoomOrderTests
{
    private const string Engine = "StreamingPg.Core.";

    /// <summary>From bottom to top, as in docs/architecture.md.</summary>
    internal static readonly string[] BottomToTop =
    [
        "Files",
        "Model",
        "Binary",
        "Sql",
        "Connections",
        "Ledger",
        "Generation.Random",
        "Generation.Values",
        "Keys",
        "Generation.Columns",
        "Generation.Tables",
        "Checks",
        "Generation.Generators",
        "Generation.Rules",
        "Metadata",
        "Catalog",
        "Schema",
        "Generation.Relations",
        "Generation",
        "Telemetry",
        "Loading",
        "Loading.References",
        "Loading.Batches",
        "Loading.Import",
        "Export",
        "Records",
        "Rights",
        "Server",
        "Discovery",
        "Filling",
        "Integrity",
        "Growth",
        "Health",
        "Retention",
        "Queries",
        "Clearing",
        "Snapshots",
        "Streaming",
        "Analytics",
        "Report.Charts",
        "Report",
        "Dashboard",
    ];

    internal static readonly ArchUnitNET.Domain.Architecture Architecture = new ArchLoader().LoadAssemblies(typeof(TableModel).Assembly).Build();

    [Fact]
    public void A_room_refers_only_to_rooms_below_it()
    {
        var upward = References()
            .Where(pair => Array.IndexOf(BottomToTop, pair.To) > Array.IndexOf(BottomToTop, pair.From))
            .Select(pair => $"{pair.From} -> {pair.To}: {pair.Types}")
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.True(upward.Count == 0, string.Join(Environment.NewLine, upward));
    }

    [Fact]
    public void Each_room_stands_in_the_order() =>
        Assert.Equal(BottomToTop.Order(), Architecture.Types.Select(RoomOf).OfType<string>().Distinct().Order());

    /// <summary>The references of a type of one room to a type of another.</summary>
    internal static IEnumerable<(string From, string To, string Types)> References() =>
        from type in Architecture.Types
        where RoomOf(type) is not null
        from dependency in type.Dependencies
        where dependency.Target is not GenericParameter // which are of no room; those of generated code have the same name everywhere
        where RoomOf(dependency.Target) is not null && RoomOf(dependency.Target) != RoomOf(type)
        select (RoomOf(type)!, RoomOf(dependency.Target)!, $"{type.Name} -> {dependency.Target.Name}");

    private static string? RoomOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Engine, StringComparison.Ordinal) ? name[Engine.Length..] : null;
}
