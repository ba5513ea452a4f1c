using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Generation.Rules;

namespace StreamingPg.Core.Metadata;

/// <summary>A metadata.json to begin with, which comes with StreamingPg.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it has, in a few words.</param>
/// <param name="Resource">Where it is in the assembly.</param>
internal sealed partial record MetadataModel(string Name, string Description, string Resource)
{
    /// <summary>All of them.</summary>
    public static IReadOnlyList<MetadataModel> All { get; } =
    [
        new("default", "users, transactions and their line items", "metadata.json"),
        new("shop", "customers, orders, products, reviews, a tree of categories and a link table", "shop.json"),
        new("bank", "customers, accounts, cards, payments, transfers and loans", "bank.json"),
        new("blog", "users, posts, comments, tags and page views", "blog.json"),
        new("flights", "airports, flights, crews, bookings and tickets", "flights.json"),
        new("hospital", "patients, appointments, admissions, prescriptions and bills", "hospital.json"),
        new("iot", "sites, devices, sensors, readings and alerts", "iot.json"),
        new("saas", "organizations, subscriptions, invoices, projects and usage", "saas.json"),
    ];

    /// <summary>Finds one by its name.</summary>
    /// <exception cref="StreamingException">There is none of that name.</exception>
    public static MetadataModel Find(string name) =>
        All.FirstOrDefault(model => string.Equals(model.Name, name, StringComparison.OrdinalIgnoreCase)) ?? throw new StreamingException(
            ErrorIds.MetadataModelUnknown,
            StreamingErrorKind.NotFound,
            $"There is no model \"{name}\".",
            $"Use one of {string.Join(", ", All.Select(model => model.Name))}.",
            name);

    /// <summary>The document.</summary>
    public string Read()
    {
        using var stream = typeof(MetadataModel).Assembly.GetManifestResourceStream(Resource)!;
        using var reader = new StreamReader(stream, Encoding.UTF8);

        // Where the examples lie, an editor finds the schema by this path; elsewhere it leads nowhere.
        return SchemaPath().Replace(reader.ReadToEnd(), "", 1);
    }

    [GeneratedRegex("""^\s*"\$schema":.*\r?\n""", RegexOptions.Multiline)]
    private static partial Regex SchemaPath();
}

/// <summary>Tests metadata files: what the other commands would reject is told before they run.</summary>
internal static class MetadataTester
{
    /// <summary>Tests a file, or the text of a document. An invalid one is a result and no exception.</summary>
    public static MetadataTest Test(string metadata, OwnGenerators? own = null)
    {
        var isText = MetadataReader.IsText(metadata);
        var path = isText ? "" : metadata;
        try
        {
            var model = isText ? MetadataReader.Parse(metadata, own: own) : MetadataReader.Load(path, own);
            return new MetadataTest
            {
                Path = path,
                Valid = true,
                Tables = model.Tables.Count,
                Columns = model.Tables.Sum(table => table.Columns.Count),
                ForeignKeys = model.Tables.Sum(table => table.ForeignKeys.Count + table.OutsideKeys.Count),
            };
        }
        catch (StreamingException exception)
        {
            return new MetadataTest { Path = path, Valid = false, Problem = exception.Message };
        }
    }
}
