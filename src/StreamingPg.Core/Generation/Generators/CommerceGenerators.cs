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
        new("commerce.department", GeneratorFamily.Text, "shop department", context => context.Pooled(PoolKind.Department)),
        new("commerce.sku", GeneratorFamily.Text, "stock number such as ABC-12345", context =>
            context.Pattern(context.Length < 9 ? $"[A-Z]\\d{{{Math.Max(1, context.Length.Value - 1)}}}" : "[A-Z]{3}-\\d{5}")),
        new("commerce.color", GeneratorFamily.Text, "color name", context => context.Pooled(PoolKind.Color)),
        new("commerce.quantity", GeneratorFamily.Number, "1 to 5", Quantity),
        new("commerce.stock", GeneratorFamily.Number, "0 to 500", context => context.Scaled(0m, 500m)),
        new("commerce.rating", GeneratorFamily.Number, "1 to 5, mostly high", context =>
            (context with { Column = context.Column with { Distribution = context.Column.Distribution ?? Good } }).Scaled(1m, 5m)),
        new("commerce.order_status", GeneratorFamily.Text, "completed, pending, refunded, cancelled or failed", context => new WeightedTextColumn(
            context.Random, context.Length, ("completed", 78), ("pending", 12), ("refunded", 4), ("cancelled", 4), ("failed", 2))),
        new("company.name", GeneratorFamily.Text, "company", context => context.Pooled(PoolKind.Company)),
    ];

    private static DistributionModel Good => new(DistributionKind.Normal) { Mean = 4m, StandardDeviation = 1m };

    private static ColumnGenerator Quantity(GeneratorContext context) =>
        context is { IsNumbered: false, Column: { Minimum: null, Maximum: null, Distribution: null, Type.Kind: ColumnKind.Integer } }
            ? new IntegerColumn(context.Random, ColumnKind.Integer, 1, 5)
            : context.Scaled(1m, 5m);

    private static ColumnGenerator Price(GeneratorContext context) =>
        context is { IsNumbered: false, Column: { Minimum: null, Maximum: null, Distribution: null, Type.Kind: ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision } }
        && context.Table.Find<PooledTextColumn>(column => column.IsFrom(context.Pools.ProductNames)) is { } products
            ? new UnitPriceColumn(products, context.Pools.Products, context.Column.Type)
            : context.Scaled(0.99m, 999.99m, DistributionKind.LogNormal);
}

/// <summary>Numbers of banks and cards, with their check digits.</summary>
internal static class FinanceGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("finance.iban", GeneratorFamily.Text, "account number with valid check digits (ISO 13616)", context =>
            new IbanColumn(context.Random, context.Text("country", "DE"), context.Length))
        {
            Arguments = [new("country", "two-letter country code") { Choices = IbanColumn.Countries }],
        },
        new("finance.credit_card", GeneratorFamily.Text, "card number with a valid check digit (Luhn, ISO/IEC 7812)", context =>
            new CreditCardColumn(context.Random, context.Text("brand", "visa"), context.Length))
        {
            Arguments = [new("brand", "card brand") { Choices = CreditCardColumn.Brands }],
        },
        new("finance.bic", GeneratorFamily.Text, "eight-letter bank code (ISO 9362)", context => context.Pattern("[A-Z]{4}(DE|FR|GB|US|JP)[A-Z0-9]{2}")),
        new("finance.account", GeneratorFamily.Text, "ten-digit account number", context => context.Pattern("\\d{10}")),
        new("finance.currency_code", GeneratorFamily.Text, "three-letter currency code (ISO 4217)", context => context.Pooled(PoolKind.CurrencyCode)),
        new("finance.amount", GeneratorFamily.Number, "0.01 to 10000, mostly low", context =>
            context.Scaled(0.01m, 10_000m, Model.DistributionKind.LogNormal)),
    ];
}
