using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Numbers of banks and cards, with their check digits, and what agrees with them.</summary>
internal static class FinanceGenerators
{
    private const int BicLength = 8;

    public static readonly GeneratorDefinition[] All =
    [
        new("finance.iban", GeneratorFamily.Text, "account number with valid check digits (ISO 13616), of the row's country", context =>
            new IbanColumn(context.Random, context.Place(), context.Length))
        {
            Arguments = [new("country", "two-letter country code") { Choices = IbanColumn.Countries }],
        },
        new("finance.vat_number", GeneratorFamily.Text, "number for value added tax with valid check digits, of the row's country", context =>
            new VatNumberColumn(context.Random, context.Place(), context.Length))
        {
            Arguments = [new("country", "two-letter country code") { Choices = VatNumber.Countries }],
        },
        new("finance.credit_card", GeneratorFamily.Text, "card number with a valid check digit (Luhn, ISO/IEC 7812)", context =>
            new CreditCardColumn(context.Random, Card(context), context.Length))
        {
            Arguments = [new("brand", "card brand") { Choices = CardDraw.Brands }],
        },
        new("finance.card_brand", GeneratorFamily.Text, "brand of the row's card", context =>
            context.IsNumbered ? context.Pooled(CardDraw.Texts) : new CardBrandColumn(Card(context), context.Length)),
        new("finance.card_expiry", GeneratorFamily.Text, "month in which the card expires, such as 09/27, after the reference time", context =>
            new CardExpiryColumn(context.Random, context.Plan.ReferenceTime, context.Length)),
        new("finance.bic", GeneratorFamily.Text, "eight-letter bank code (ISO 9362); of the row's country, where there is one", context =>
            !AddressGenerators.IsFree(context) && context.Length is null or >= BicLength
                ? new BicColumn(context.Random, context.Place())
                : context.Pattern("[A-Z]{4}(DE|FR|GB|US|JP)[A-Z0-9]{2}")),
        new("finance.account", GeneratorFamily.Text, "ten-digit account number", context => context.Pattern("\\d{10}")),
        new("finance.currency_code", GeneratorFamily.Text, "three-letter currency code (ISO 4217); of the row's country, where there is one", context =>
            AddressGenerators.IsFree(context) ? context.Pooled(PoolKind.CurrencyCode) : AddressGenerators.Text(context, PlaceText.Currency)),
        new("finance.amount", GeneratorFamily.Number, "0.01 to 10000, mostly low", context =>
            context.Scaled(0.01m, 10_000m, DistributionKind.LogNormal)),
    ];

    /// <summary>The card of the row; of one brand where a column of it says so.</summary>
    private static CardDraw Card(GeneratorContext context) => new(
        context.RandomOf("card", context.Entity),
        context.Entity.Of("finance.credit_card").Select(own => own.Choice.Arguments.GetValueOrDefault("brand") as string).FirstOrDefault(brand => brand is not null)
            ?? context.Text("brand", ""));
}
