namespace StreamingPg.Tests.Integration.Relations;

/// <summary>The examples that ship: examples/shop.json, and others.</summary>
internal static class ShopExample
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "examples", "shop.json");

    /// <summary>The example whose rows make sense, examples/customers.json.</summary>
    public static string Customers { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "examples", "customers.json");
}
