using System.CommandLine;
using System.Globalization;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say how many rows, and which values.</summary>
internal static class RowOptions
{
    private static readonly Option<string[]> Rows = new("--rows")
    {
        Description = "New rows per table of --metadata, such as products=20 orders=50; reviews=0 leaves a table out. Tables that are not "
            + "listed get their rows_per_batch or per_parent [default: what the metadata says, else a few]",
        HelpName = "table=number",
        AllowMultipleArgumentsPerToken = true,
        Validators =
        {
            result =>
            {
                foreach (var text in result.GetValueOrDefault<string[]?>() ?? [])
                {
                    if (!TryRead(text, out _, out _))
                    {
                        result.AddError($"--rows '{text}' does not have the form products=20.");
                    }
                }
            },
        },
    };

    private static readonly Option<long?> Users = ShortName("--users", DefaultTables.Users);
    private static readonly Option<long?> Transactions = ShortName("--transactions", DefaultTables.Transactions);
    private static readonly Option<long?> Details = ShortName("--details", DefaultTables.Details);

    /// <summary>Seed of the random values.</summary>
    public static readonly Option<long?> Seed = new("--seed")
    {
        Description = "Seed of the random values; the same seed gives the same rows [default: random]",
        HelpName = "number",
    };

    /// <summary>The newest time of the rows.</summary>
    public static readonly Option<DateTime?> ReferenceTime = InstantOption.Create(
        "--reference-time", "Latest time that a generated value may have (local without a zone) [default: now; with --seed the newest one in the ledger, or a fixed time if there is none]");

    /// <summary>Locale of the values.</summary>
    public static readonly Option<string> Locale = new("--locale")
    {
        Description = "Locale of names, cities and products, such as en or de",
        HelpName = "name",
        DefaultValueFactory = _ => GenerationOptions.DefaultLocale,
    };

    /// <summary>All of them.</summary>
    public static IReadOnlyList<Option> All => [Rows, Users, Transactions, Details, Seed, ReferenceTime, Locale];

    /// <summary>Adds the options to a command.</summary>
    public static void AddTo(StreamingCommand command) => command.AddOptions([.. All]);

    /// <summary>Adds the options to a command whose rows end at a time of its own.</summary>
    public static void AddWithoutTimeTo(StreamingCommand command) => command.AddOptions(Rows, Users, Transactions, Details, Seed, Locale);

    /// <summary>The rows that are requested: see <see cref="BatchRows.Asked"/>.</summary>
    public static IReadOnlyDictionary<string, long> Asked(ParseResult parsed, StreamModel model)
    {
        Dictionary<string, long>? named = null;
        foreach (var text in parsed.GetValue(Rows) ?? [])
        {
            TryRead(text, out var table, out var count);
            (named ??= new(StringComparer.Ordinal))[table] = count;
        }

        return BatchRows.Asked(
            model,
            named,
            (DefaultTables.Users, Users.Name, parsed.GetValue(Users)),
            (DefaultTables.Transactions, Transactions.Name, parsed.GetValue(Transactions)),
            (DefaultTables.Details, Details.Name, parsed.GetValue(Details)));
    }

    private static Option<long?> ShortName(string name, string table) => NumberOption.Create(name, $"Short for --rows {table}=number", 0L);

    private static bool TryRead(string text, out string table, out long count)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        table = parts[0];
        count = 0;
        return parts.Length == 2 && table.Length > 0 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
