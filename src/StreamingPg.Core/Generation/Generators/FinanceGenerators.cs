using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Generators;

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
