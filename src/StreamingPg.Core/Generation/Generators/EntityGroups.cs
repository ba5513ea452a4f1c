using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Columns of a row that are about one person, place, company, product or card.</summary>
/// <param name="Name">What tells it from others of the row: <c>billing</c>; empty for the first one.</param>
/// <param name="Locale">Locale of its columns; null for that of the batch.</param>
/// <param name="Columns">Its columns, each with its generator.</param>
internal sealed record EntityGroup(string Name, string? Locale, IReadOnlyList<(ColumnModel Column, GeneratorChoice Choice)> Columns)
{
    /// <summary>A group of a column that is alone.</summary>
    public static readonly EntityGroup None = new("", null, []);

    /// <summary>The columns of a kind.</summary>
    public IEnumerable<(ColumnModel Column, GeneratorChoice Choice)> Of(params IReadOnlyList<string> kinds) => Columns.Where(own => kinds.Contains(own.Choice.Kind));

    /// <summary>True when there is a column of a kind.</summary>
    public bool Has(params IReadOnlyList<string> kinds) => Of(kinds).Any();
}

/// <summary>
/// Binds the columns of a table to entities, by their generators and the words before those that suggest them: <c>billing_city</c> and
/// <c>billing_zip</c> are of one place, <c>shipping_city</c> is of another, and <c>phone</c> is of the first. A second column of the same kind
/// is of another entity.
/// </summary>
internal static class EntityGroups
{
    private static readonly Family[] Families =
    [
        new(
            ["person.full_name", "person.first_name", "person.last_name"],
            ["person.prefix", "person.gender", "person.age", "time.birth_date", "internet.email", "internet.user_name"],
            ["internet.email", "internet.user_name"]),
        new(
            ["address.city", "address.zip", "address.state"],
            [
                "address.country", "address.country_code", "address.latitude", "address.longitude", "address.phone_prefix", "phone.number",
                "internet.time_zone", "finance.currency_code", "finance.iban", "finance.vat_number", "finance.bic",
            ],
            ["phone.number", "finance.iban", "finance.vat_number", "finance.bic"]),
        new(["company.name"], ["company.industry", "internet.domain"], []),
        new(["commerce.product_name"], ["commerce.department", "commerce.sku"], []),
        new(["finance.credit_card"], ["finance.card_brand", "finance.card_expiry"], ["finance.card_expiry"]),
    ];

    private static readonly OncePerTable<Dictionary<string, EntityGroup>> Known = new(Find);

    /// <summary>The group of a column.</summary>
    public static EntityGroup Of(TableModel table, ColumnModel column) => Known.Of(table).GetValueOrDefault(column.Name, EntityGroup.None);

    /// <summary>The first group of a table that has a column of a kind; null for none.</summary>
    public static EntityGroup? With(TableModel table, string kind) => Known.Of(table).Values.FirstOrDefault(group => group.Has(kind));

    private static Dictionary<string, EntityGroup> Find(TableModel table)
    {
        var found = new Dictionary<string, EntityGroup>(StringComparer.Ordinal);
        var chosen = table.Columns.Where(column => column is { EqualsParent: null, IsLeftToServer: false } && !table.Refers(column.Name))
            .Select(column => (Column: column, Choice: GeneratorChooser.ChooseOwn(table, column))).ToList();
        foreach (var family in Families)
        {
            var drafts = chosen.Where(own => family.Kinds.Contains(own.Choice.Kind))
                .GroupBy(own => (Words: NameRules.Before(own.Column.Name), own.Choice.Kind))
                .SelectMany(same => same.Select((own, place) =>
                    (Name: place == 0 || family.Repeated.Contains(own.Choice.Kind) ? same.Key.Words : own.Column.Name, Own: own)))
                .GroupBy(named => named.Name).Select(named => new Draft(named.Key, [.. named.Select(entry => entry.Own)])).ToList();
            foreach (var group in Merge(family, drafts))
            {
                var whole = new EntityGroup(group.Name, group.Columns.Select(own => own.Column.Locale).FirstOrDefault(locale => locale is not null), group.Columns);
                group.Columns.ForEach(own => found[own.Column.Name] = whole);
            }
        }

        return found;
    }

    /// <summary>What has no name or place of its own belongs to the first that has, unless that has one of the kind already.</summary>
    private static List<Draft> Merge(Family family, List<Draft> drafts)
    {
        var anchored = drafts.FindAll(draft => draft.Columns.Exists(own => family.Anchors.Contains(own.Choice.Kind)));
        var main = anchored.Find(draft => draft.Name.Length == 0) ?? anchored.FirstOrDefault()
            ?? drafts.Find(draft => draft.Name.Length == 0) ?? drafts.FirstOrDefault();
        var groups = new List<Draft>();
        foreach (var draft in drafts)
        {
            if (draft == main || anchored.Contains(draft)
                || draft.Columns.Exists(own => !family.Repeated.Contains(own.Choice.Kind) && main!.Columns.Exists(other => other.Choice.Kind == own.Choice.Kind)))
            {
                groups.Add(draft);
            }
            else
            {
                main!.Columns.AddRange(draft.Columns);
            }
        }

        return groups;
    }

    private sealed record Draft(string Name, List<(ColumnModel Column, GeneratorChoice Choice)> Columns);

    /// <summary>Generators whose values belong together.</summary>
    /// <param name="Anchors">Those of which each entity of a row has its own.</param>
    /// <param name="Others">Those that follow.</param>
    /// <param name="Repeated">Those that an entity may have several of, each with a value of its own.</param>
    private sealed record Family(string[] Anchors, string[] Others, string[] Repeated)
    {
        public IReadOnlyList<string> Kinds { get; } = [.. Anchors, .. Others];
    }
}
