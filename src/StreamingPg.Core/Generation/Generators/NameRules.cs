using System.Text;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>What names of columns suggest. Of several rules that fit, the one with the longest name wins.</summary>
internal static class NameRules
{
    private static readonly NameRule[] Rules =
    [
        new("person.full_name", "name", "full_name", "fullname", "customer_name", "contact_name", "user_full_name", "author", "author_name", "contact"),
        new("person.first_name", "first_name", "firstname", "given_name", "forename", "fname"),
        new("person.last_name", "last_name", "lastname", "surname", "family_name", "lname"),
        new("person.prefix", "salutation", "name_prefix", "title_of_courtesy"),
        new("person.job_title", "job_title", "job", "position", "occupation", "profession", "contact_title"),
        new("person.gender", "gender", "sex"),
        new("person.age", "age"),
        new("internet.email", "email", "e_mail", "mail", "email_address"),
        new("internet.user_name", "user_name", "username", "usrname", "login", "nickname", "handle"),
        new("internet.url", "url", "uri", "website", "web_site", "homepage", "home_page", "link"),
        new("internet.domain", "domain", "hostname", "host_name"),
        new("internet.ip", "ip", "ip_address", "ipaddress", "remote_addr"),
        new("internet.mac", "mac", "mac_address"),
        new("internet.user_agent", "user_agent", "useragent"),
        new("internet.file_name", "file_name", "filename", "attachment"),
        new("internet.password_hash", "password", "password_hash", "hash", "checksum", "digest", "sha", "sha1", "sha256", "md5", "fingerprint"),
        new("internet.token", "token", "api_key", "secret", "session_id"),
        new("commerce.product_name", "product_name", "product", "item_name", "product_title"),
        new("commerce.price", "price", "unit_price", "list_price", "cost", "unit_cost"),
        new("commerce.description", "product_description"),
        new("commerce.department", "department", "category", "category_name", "department_name"),
        new("commerce.sku", "sku", "stock_number", "article_number", "part_number", "product_code"),
        new("commerce.barcode", "barcode", "bar_code", "ean", "ean13", "gtin", "upc"),
        new("commerce.color", "color", "colour"),
        new("commerce.quantity", "quantity", "qty"),
        new("commerce.stock", "stock", "units_in_stock", "inventory"),
        new("commerce.rating", "rating", "stars"),
        new("commerce.order_status", "status", "order_status"),
        new("company.name", "company", "company_name", "employer", "vendor", "vendor_name", "supplier", "supplier_name", "manufacturer", "brand", "brand_name"),
        new("company.industry", "industry", "business_sector"),
        new("address.street", "street", "street_address", "address", "address1", "address_1", "address_line", "address_line1", "address_line_1"),
        new("address.city", "city", "town", "city_name"),
        new("address.zip", "zip", "zip_code", "zipcode", "postal_code", "postcode"),
        new("address.state", "state", "province", "region"),
        new("address.country", "country", "country_name", "nationality"),
        new("address.country_code", "country_code", "country_iso", "countrycode"),
        new("address.latitude", "latitude", "lat"),
        new("address.longitude", "longitude", "lon", "lng"),
        new("address.phone_prefix", "phone_prefix", "phone_code", "calling_code", "dial_code", "dialing_code"),
        new("phone.number", "phone", "phone_number", "telephone", "mobile", "cell_phone", "fax"),
        new("finance.iban", "iban"),
        new("finance.vat_number", "vat_number", "vat_id", "vat_no", "vat_reg_no", "vatin"),
        new("finance.card_brand", "card_brand", "card_type", "credit_card_type", "card_network"),
        new("finance.card_expiry", "card_expiry", "card_exp", "card_expires", "card_expiration", "card_expiry_date", "card_expiration_date"),
        new("finance.credit_card", "credit_card", "credit_card_number", "card_number"),
        new("finance.bic", "bic", "swift", "swift_code"),
        new("finance.account", "account_number", "bank_account"),
        new("finance.currency_code", "currency", "currency_code"),
        new("finance.amount", "amount", "total", "subtotal", "balance", "total_amount", "salary", "freight"),
        new("lorem.words", "title", "subject", "headline", "label", "caption"),
        new("lorem.sentence", "description", "comment", "comments", "note", "notes", "summary", "remarks", "reason"),
        new("lorem.paragraph", "body", "content", "text", "message", "bio", "biography", "review"),
        new("color.hex", "hex_color", "color_code", "color_hex"),
        new("number.percent", "percent", "percentage", "discount_percent"),
        new("number.share", "share", "ratio", "rate", "probability"),
        new("number.year", "year", "release_year"),
        new("number.rank", "rank", "priority", "sort_order", "level"),
        new("number.epoch", "at", "ts", "timestamp", "epoch", "created_time", "updated_time", "create_time", "update_time", "start_time", "end_time", "last_time"),
        new("text.version", "version", "semver", "version_number"),
        new("internet.mime_type", "mime_type", "mimetype", "content_type", "media_type"),
        new("internet.locale", "locale", "language", "lang", "language_code", "locale_code"),
        new("internet.time_zone", "time_zone", "timezone", "tz"),
        new("internet.slug", "slug", "permalink"),
        new("internet.path", "path", "file_path", "full_path", "pathname"),
        new("boolean", "active", "enabled", "verified", "confirmed", "visible", "available", "deleted", "archived", "banned", "blocked", "hidden", "expired"),
        new("time.birth_date", "birth_date", "birthdate", "birthday", "date_of_birth", "dob", "born"),
        new("time.future", "expires_at", "expires", "expires_on", "expire_at", "expire_date", "expire_time", "expiration", "expiration_time", "expiry", "expiry_date", "expiration_date", "due_date", "due_at", "valid_until", "valid_to"),
    ];

    // A bare "name" is what the table is about.
    private static readonly NameRule[] NamesByTable =
    [
        new("commerce.product_name", "product", "item", "article", "good"),
        new("company.name", "company", "supplier", "vendor", "brand", "manufacturer", "store", "shop", "merchant", "organization", "organisation"),
        new("commerce.department", "category", "department"),
        new("address.city", "city", "town"),
        new("address.country", "country"),
        new("address.state", "state", "province", "region"),
        new("commerce.color", "color", "colour"),
        new("internet.file_name", "file", "attachment", "document", "upload"),
        new("internet.locale", "locale", "language"),
        new("finance.currency_code", "currency"),
        new("lorem.word", "tag", "label", "topic", "keyword", "hashtag"),
        new("person.job_title", "role", "position", "job"),
        new("text.version", "version", "release"),
    ];

    // Other tables that are about people than those which keys tell.
    private static readonly string[] OtherPersons =
    [
        "applicant", "artist", "attendee", "buyer", "candidate", "child", "citizen", "client", "doctor", "donor", "driver", "guest", "instructor", "lead",
        "manager", "participant", "passenger", "patient", "player", "profile", "reader", "seller", "shopper", "speaker", "student", "subscriber", "teacher",
        "visitor", "volunteer", "worker", "writer",
    ];

    // What is said of few rows: deleted, blocked.
    private static readonly string[] Rare = ["deleted", "archived", "banned", "blocked", "hidden", "expired"];

    /// <summary>How often a column of that name is true: most rows are active, few are deleted.</summary>
    public static IReadOnlyDictionary<string, object> TruthOf(string name) =>
        new Dictionary<string, object> { ["true_percent"] = Rare.Contains(name, StringComparer.Ordinal) ? 5m : 90m };

    /// <summary>The generator that a name suggests for a type, and the part of the name that does.</summary>
    public static (string Kind, string Name)? Find(TableModel table, ColumnModel column)
    {
        var name = Normalize(column.Name);
        var found = Best(Rules, name, kind => IsFor(kind, column.Type), ignorePlural: false);
        if (GeneratorRegistry.FamilyOf(column.Type) == GeneratorFamily.Text)
        {
            if (found is { Name: "name" })
            {
                return name == "name" ? NameOf(Normalize(table.Name), $"{table.Name}.name") : NameOf(name[..^"_name".Length], name);
            }

            if (name is "num" or "number" && EndsWith(Normalize(table.Name), "version", ignorePlural: true))
            {
                return ("text.version", $"{table.Name}.{name}");
            }
        }

        // Where only a code has room, the code is meant.
        return found is { Kind: "address.country" } && column.Type.Length is 2 or 3 ? ("address.country_code", found.Value.Name) : found;
    }

    /// <summary>The words of a column's name before those that suggest something: <c>billing</c> of <c>billing_city</c>.</summary>
    public static string Before(string column)
    {
        var name = Normalize(column);
        return Best(Rules, name, _ => true, ignorePlural: false) is { } found ? name[..^found.Name.Length].TrimEnd('_') : "";
    }

    /// <summary>What something is called: a person by a person's name, all else by one of its own.</summary>
    private static (string Kind, string Name) NameOf(string subject, string name) =>
        Best(NamesByTable, subject, _ => true, ignorePlural: true) is { } known ? (known.Kind, name)
        : PersonKeys.IsPerson(subject) || OtherPersons.Any(person => EndsWith(subject, person, ignorePlural: true)) ? ("person.full_name", name)
        : ("text.name", name);

    /// <summary>True when a generator makes values of a type; times are no small numbers, nor such with a fraction.</summary>
    private static bool IsFor(string kind, ColumnType type) => GeneratorRegistry.Fits(GeneratorRegistry.Of(kind), type)
        && (kind != "number.epoch" || type.Kind is ColumnKind.Integer or ColumnKind.BigInteger);

    private static (string Kind, string Name)? Best(IEnumerable<NameRule> rules, string name, Func<string, bool> fits, bool ignorePlural)
    {
        (string Kind, string Name)? best = null;
        foreach (var rule in rules.Where(rule => fits(rule.Kind)))
        {
            foreach (var candidate in rule.Names)
            {
                if (candidate.Length > (best?.Name.Length ?? 0) && EndsWith(name, candidate, ignorePlural))
                {
                    best = (rule.Kind, candidate);
                }
            }
        }

        return best;
    }

    private static bool EndsWith(string name, string words, bool ignorePlural) =>
        IsOrEndsWith(name, words)
        || (ignorePlural && (IsOrEndsWith(name, words + "s") || IsOrEndsWith(name, words[..^1] + "ies")));

    private static bool IsOrEndsWith(string name, string words) =>
        name == words || (name.EndsWith(words, StringComparison.Ordinal) && name[^(words.Length + 1)] == '_');

    /// <summary>firstName, FirstName and FIRST NAME are first_name.</summary>
    private static string Normalize(string name)
    {
        var words = new StringBuilder(name.Length + 4);
        for (var index = 0; index < name.Length; index++)
        {
            var character = name[index];
            if (char.IsUpper(character) && index > 0 && char.IsLower(name[index - 1]))
            {
                words.Append('_');
            }

            words.Append(char.IsLetterOrDigit(character) ? char.ToLowerInvariant(character) : '_');
        }

        return words.ToString();
    }
}

/// <summary>A generator that the name of a column suggests.</summary>
/// <param name="Kind">The generator.</param>
/// <param name="Names">The names, in lower case, words joined by underscores; a column may have more words before them.</param>
internal sealed record NameRule(string Kind, params string[] Names);
