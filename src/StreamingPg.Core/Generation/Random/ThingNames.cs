namespace StreamingPg.Core.Generation.Random;

/// <summary>Names of teams, projects and other things that are not people: two words such as <c>Silver Harbor</c>.</summary>
internal static class ThingNames
{
    private static readonly string[] First =
    [
        "Amber", "Autumn", "Blue", "Brave", "Bright", "Central", "Clear", "Copper", "Crystal", "Eastern", "Emerald", "Falling", "Golden", "Grand",
        "Green", "Hidden", "Iron", "Ivory", "Lunar", "Misty", "New", "Noble", "Northern", "Open", "Pine", "Prime", "Quiet", "Rapid", "Royal", "Silver",
        "Solar", "Southern", "Spring", "Steady", "Stone", "Swift", "Upper", "Western", "White", "Winter",
    ];

    private static readonly string[] Second =
    [
        "Anchor", "Arrow", "Bay", "Beacon", "Bridge", "Brook", "Canyon", "Castle", "Cedar", "Circle", "Cloud", "Compass", "Creek", "Crown", "Delta",
        "Falcon", "Field", "Forest", "Garden", "Gate", "Grove", "Harbor", "Horizon", "Island", "Lake", "Lantern", "Meadow", "Mountain", "Ocean", "Orchard",
        "Peak", "Point", "Ridge", "River", "Sky", "Star", "Summit", "Tower", "Valley", "Wave",
    ];

    /// <summary>A name, all as likely as each other.</summary>
    public static string Pick(Func<int, int> below) => $"{First[below(First.Length)]} {Second[below(Second.Length)]}";
}
