namespace StreamingPg.Core.Generation.Random;

/// <summary>What kind of thing a product is, by the last word of its English name: its department, and what it costs.</summary>
/// <param name="Word">The word.</param>
/// <param name="Department">Department of a shop.</param>
/// <param name="Lowest">Lowest list price.</param>
/// <param name="Highest">Highest list price.</param>
internal sealed record ProductKind(string Word, string Department, int Lowest, int Highest)
{
    /// <summary>What any product may cost.</summary>
    public static readonly ProductKind Any = new("", "", 1, 1000);

    private static readonly Dictionary<string, ProductKind> ByWord = new[]
    {
        new ProductKind("Chair", "Home", 25, 400), new("Table", "Home", 60, 900), new("Towels", "Home", 8, 60), new("Car", "Toys", 5, 80),
        new("Computer", "Computers", 300, 1000), new("Keyboard", "Computers", 15, 200), new("Mouse", "Computers", 8, 120),
        new("Bike", "Sports", 150, 1000), new("Ball", "Sports", 5, 80), new("Gloves", "Clothing", 8, 90), new("Pants", "Clothing", 20, 180),
        new("Shirt", "Clothing", 10, 120), new("Hat", "Clothing", 8, 90), new("Shoes", "Shoes", 25, 250), new("Soap", "Beauty", 2, 20),
        new("Tuna", "Grocery", 2, 15), new("Chicken", "Grocery", 4, 25), new("Fish", "Grocery", 4, 40), new("Cheese", "Grocery", 3, 35),
        new("Bacon", "Grocery", 3, 20), new("Pizza", "Grocery", 4, 20), new("Salad", "Grocery", 2, 15), new("Sausages", "Grocery", 3, 20),
        new("Chips", "Grocery", 2, 8),
    }.ToDictionary(kind => kind.Word, StringComparer.Ordinal);

    /// <summary>The kind of a product; <see cref="Any"/> where the name does not tell.</summary>
    public static ProductKind Of(string name) => ByWord.GetValueOrDefault(name.Split(' ')[^1], Any);

    /// <summary>A list price within the bounds of the kind, mostly low, that ends in 99 or 49, in hundredths.</summary>
    public int Price(CountedRandom random)
    {
        var whole = (int)Math.Floor(Lowest * Math.Exp(random.Fraction(0) * Math.Log((double)Highest / Lowest)));
        return (100 * whole) - (random.Below(1, 4) == 0 ? 51 : 1);
    }
}

/// <summary>Industries, which a company has one of.</summary>
internal static class Industries
{
    public static readonly string[] All =
    [
        "Agriculture", "Automotive", "Aviation", "Banking", "Chemicals", "Construction", "Consulting", "Education", "Electronics", "Energy", "Entertainment",
        "Food and Beverage", "Healthcare", "Hospitality", "Insurance", "Logistics", "Manufacturing", "Media", "Pharmaceuticals", "Real Estate", "Retail",
        "Software", "Telecommunications", "Textiles", "Travel", "Utilities",
    ];
}
