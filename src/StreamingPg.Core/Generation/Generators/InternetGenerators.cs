using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Keys;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Addresses of the internet, all of them reserved for examples or private networks.</summary>
internal static class InternetGenerators
{
    private static readonly Utf8Pool MimeTypes =
        new(["text/plain", "text/html", "text/csv", "image/png", "image/jpeg", "image/gif", "application/pdf", "application/json"]);

    private static readonly Utf8Pool Languages = new(["en", "de", "fr", "es", "it", "nl", "pl", "pt", "sv", "ja"]);

    private static readonly Utf8Pool Locales = new(["en-US", "en-GB", "de-DE", "fr-FR", "es-ES", "it-IT", "nl-NL", "pl-PL", "pt-BR", "ja-JP"]);

    private static readonly Utf8Pool TimeZones =
        new(["UTC", "Europe/Berlin", "Europe/London", "Europe/Paris", "America/New_York", "America/Chicago", "Asia/Tokyo", "Asia/Kolkata", "Africa/Lagos"]);

    // A narrower column takes a provider's address, whose domain is short.
    private const int RoomForCompany = 60;

    public static readonly GeneratorDefinition[] All =
    [
        new("internet.email", GeneratorFamily.Text, "e-mail address that matches the row's name, at the row's company where there is one; always unique; in a reserved domain (RFC 2606)", context =>
            new EmailColumn(context.Person(), Employer(context), bits => Suffix(context, bits), context.Rows, context.Length)),
        new("internet.user_name", GeneratorFamily.Text, "user name that matches the row's name; always unique", context =>
            new UserNameColumn(context.Person(), bits => Suffix(context, bits), context.Rows, context.Length)),
        new("internet.url", GeneratorFamily.Text, "address of a page on example.com; always unique", context =>
            new UrlColumn(context.Random, context.Pools.Words, context.Tag(), context.Length)),
        new("internet.domain", GeneratorFamily.Text, "domain name in .example (RFC 2606); that of the row's company, where there is one", context =>
            !context.IsNumbered && context.Entity.Has("company.name")
                ? new CompanyTextColumn(context.Company(), context.Company().Domains, context.Length)
                : context.Pattern("[b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][aeiou][b-df-hj-np-tv-z][aeiou]\\.example")),
        new("internet.ip", GeneratorFamily.Text, "IPv4 address in the private network 10.0.0.0/8", context => new IpColumn(context.Random, context.Length)),
        new("internet.mac", GeneratorFamily.Text, "locally administered MAC address", context =>
            context.Pattern("02(:[0-9a-f]{2}){5}")),
        new("internet.user_agent", GeneratorFamily.Text, "user agent of a browser", context => context.Pooled(PoolKind.UserAgent)),
        new("internet.file_name", GeneratorFamily.Text, "file name", context => context.Pooled(PoolKind.FileName)),
        new("internet.path", GeneratorFamily.Text, "path of a file or folder", context =>
            context.Pattern("/(home|srv|data|opt)/([b-df-hj-np-tv-z][aeiou]){3}/([b-df-hj-np-tv-z][aeiou]){3}")),
        new("internet.slug", GeneratorFamily.Text, "two made-up words joined by a hyphen, as in addresses of pages", context =>
            context.Pattern("([b-df-hj-np-tv-z][aeiou]){3}-([b-df-hj-np-tv-z][aeiou]){3}")),
        new("internet.mime_type", GeneratorFamily.Text, "media type such as image/png", context =>
            context.Pooled(MimeTypes)),
        new("internet.locale", GeneratorFamily.Text, "language such as en, with a country where there is room: en-US", context =>
            context.Pooled(context.Length < 5 ? Languages : Locales)),
        new("internet.time_zone", GeneratorFamily.Text, "time zone such as Europe/Berlin", context =>
            AddressGenerators.IsFree(context) ? context.Pooled(TimeZones) : AddressGenerators.Text(context, PlaceText.TimeZone)),
        new("internet.password_hash", GeneratorFamily.Text, "64 hexadecimal digits, like SHA-256, or as many as the column takes", context =>
            context.Pattern($"[0-9a-f]{{{Math.Min(64, context.Length ?? 64)}}}")),
        new("internet.token", GeneratorFamily.Text, "32 letters and digits, or as many as the column takes", context =>
            context.Pattern($"[0-9A-Za-z]{{{Math.Min(32, context.Length ?? 32)}}}")),
    ];

    /// <summary>The company whose addresses people have; null where the row has none, must have another than its draw, or its domain has no room.</summary>
    private static CompanyDraw? Employer(GeneratorContext context) =>
        context.Length is not < RoomForCompany && EntityGroups.With(context.Table.Table, "company.name") is { } company && !company.Of("company.name").Any(own => context.Table.Table.MayBeNumbered(own.Column))
            ? context.Company(company)
            : null;

    /// <summary>Two addresses of one person differ.</summary>
    private static RowSuffix Suffix(GeneratorContext context, int variantBits) => new(
        context.Plan.BatchNumber,
        context.Plan.Seed,
        variantBits,
        Math.Max(0, context.Entity.Of("internet.email", "internet.user_name").Select(own => own.Column.Name).ToList().IndexOf(context.Column.Name)));
}
