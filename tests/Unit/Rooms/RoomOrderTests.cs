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
    private static readonly string[] BottomToTop =
    [
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
        "Records",
        "Rights",
        "Server",
        "Discovery",
        "Integrity",
        "Growth",
        "Health",
        "Retention",
        "Streaming",
        "Analytics",
        "Report.Charts",
        "Report",
    ];

    private static readonly ArchUnitNET.Domain.Architecture Architecture = new ArchLoader().LoadAssemblies(typeof(TableModel).Assembly).Build();

    [Fact]
    public void A_room_refers_only_to_rooms_below_it()
    {
        var upward = Architecture.Types
            .Where(type => RoomOf(type) is not null)
            .SelectMany(type => type.Dependencies, (type, dependency) => (From: type, To: dependency.Target))
            .Where(pair => RoomOf(pair.To) is { } to && Array.IndexOf(BottomToTop, to) > Array.IndexOf(BottomToTop, RoomOf(pair.From)))
            .Select(pair => $"{RoomOf(pair.From)} -> {RoomOf(pair.To)}: {pair.From.Name} -> {pair.To.Name}")
            .Distinct()
            .Order(StringComparer.Ordinal)
            .ToList();

        Assert.True(upward.Count == 0, string.Join(Environment.NewLine, upward));
    }

    [Fact]
    public void Each_room_stands_in_the_order() =>
        Assert.Equal(BottomToTop.Order(), Architecture.Types.Select(RoomOf).OfType<string>().Distinct().Order());

    private static string? RoomOf(IType type) =>
        type.Namespace?.FullName is { } name && name.StartsWith(Engine, StringComparison.Ordinal) ? name[Engine.Length..] : null;
}
