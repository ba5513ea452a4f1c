using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Products, prices and companies.</summary>
internal static class CommerceGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("commerce.product_name", GeneratorFamily.Text, "product name from the catalogue", context =>
            context.Pooled(context.Pools.ProductNames)),
        new("commerce.price", GeneratorFamily.Number, "list price of the row's product; without a product, 0.99 to 999.99, mostly low", Price),
        new("commerce.description", GeneratorFamily.Text, "product description", context => context.Pooled(PoolKind.ProductDescription)),
        new("commerce.department", GeneratorFamily.Text, "shop department; that of the row's product, where there is one", context =>
            Product(context) is { } products
                ? new ProductTextColumn(products, context.Pools.Of(PoolKind.ProductDepartment), context.Length)
                : context.Pooled(PoolKind.Department)),
        new("commerce.sku", GeneratorFamily.Text, "stock number such as ABC-12345; that of the row's product, where there is one", context =>
            context.Length is not < 9 && Product(context) is { } products
                ? new ProductTextColumn(products, context.Pools.Of(PoolKind.ProductSku), context.Length)
                : context.Pattern(context.Length < 9 ? $"[A-Z]\\d{{{Math.Max(1, context.Length.Value - 1)}}}" : "[A-Z]{3}-\\d{5}")),
        new("commerce.barcode", GeneratorFamily.Text, "article number with a valid check digit (EAN-13; EAN-8 in a column of fewer than 13 characters)", context =>
            new BarcodeColumn(context.Random, context.Length)),
        new("commerce.color", GeneratorFamily.Text, "color name", context => context.Pooled(PoolKind.Color)),
        new("commerce.quantity", GeneratorFamily.Number, "1 to 5", Quantity),
        new("commerce.stock", GeneratorFamily.Number, "0 to 500", context => context.Scaled(0m, 500m)),
        new("commerce.rating", GeneratorFamily.Number, "1 to 5, mostly high", context =>
            (context with { Column = context.Column with { Distribution = context.Column.Distribution ?? Good } }).Scaled(1m, 5m)),
        new("commerce.order_status", GeneratorFamily.Text, "completed, pending, refunded, cancelled or failed", context => new WeightedTextColumn(
            context.Random, context.Length, ("completed", 78), ("pending", 12), ("refunded", 4), ("cancelled", 4), ("failed", 2)))
        {
            Texts = ["completed", "pending", "refunded", "cancelled", "failed"],
        },
        new("company.name", GeneratorFamily.Text, "company", context =>
            context.IsNumbered ? context.Pooled(PoolKind.Company) : new CompanyTextColumn(context.Company(), context.Pools.Of(PoolKind.Company), context.Length)),
        new("company.industry", GeneratorFamily.Text, "industry of the row's company", context =>
            context.IsNumbered ? context.Pooled(new Utf8Pool(Industries.All)) : new CompanyTextColumn(context.Company(), context.Company().Industries, context.Length)),
    ];

    private static DistributionModel Good => new(DistributionKind.Normal) { Mean = 4m, StandardDeviation = 1m };

    private static ColumnGenerator Quantity(GeneratorContext context) =>
        context is { IsNumbered: false, Column.Type.Kind: ColumnKind.Integer } && context.Allows(1m, 5m)
            ? new IntegerColumn(context.Random, ColumnKind.Integer, 1, 5)
            : context.Scaled(1m, 5m);

    /// <summary>The product of the row, where the columns are of the same one and of the same locale.</summary>
    private static PooledTextColumn? Product(GeneratorContext context) => context.IsNumbered
        ? null
        : context.Entity.Of("commerce.product_name").Select(product => context.Table.Columns[context.Table.Table.IndexOf(product.Column.Name)])
            .Select(column => column is OptionalColumn optional ? optional.Values : column).OfType<PooledTextColumn>()
            .FirstOrDefault(column => column.IsFrom(context.Pools.ProductNames));

    /// <summary>The price of the product, unless metadata says where prices lie; a CHECK that it does not satisfy is as good as that.</summary>
    private static ColumnGenerator Price(GeneratorContext context) =>
        context is { IsNumbered: false, Column.Type.Kind: ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision }
        && (context.Column.IsBoundByChecks || context.Allows(0m, 0m))
        && context.Table.Find<PooledTextColumn>(column => column.IsFrom(context.Pools.ProductNames)) is { } products
        && new UnitPriceColumn(products, context.Pools.Products, context.Column.Type, context.Column.Maximum as decimal?) is var prices
        && context.Allows(prices.Minimum / 100m, prices.Maximum / 100m)
            ? prices
            : context.Scaled(0.99m, 999.99m, DistributionKind.LogNormal);
}
