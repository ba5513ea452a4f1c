namespace StreamingPg.Tests.Integration.Relations;

/// <summary>The example that ships, examples/shop.json.</summary>
internal static class ShopExample
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "examples", "shop.json");
}
