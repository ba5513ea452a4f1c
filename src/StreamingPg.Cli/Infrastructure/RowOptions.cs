using System.CommandLine;
using System.Globalization;
using StreamingPg.Core.Loading;
using StreamingPg.Core.Model;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say how many rows, and which values.</summary>
internal sealed class RowOptions
{
    private const long UsualUsers = 10;
    private const long UsualTransactions = 30;
    private const long UsualDetails = 100;

    private readonly Option<string[]> _rows = new("--rows")
    {
        Description = "New rows of tables of --metadata, such as products=20 orders=50; reviews=0 leaves a table out, and tables that are not "
            + "named get their rows_per_batch or per_parent [default: what the metadata says, else a few]",
        HelpName = "table=number",
        AllowMultipleArgumentsPerToken = true,
    };

    private readonly Option<long?> _users = Count("--users", "New users", UsualUsers);
    private readonly Option<long?> _transactions = Count("--transactions", "New transactions", UsualTransactions);
    private readonly Option<long?> _details = Count("--details", "New line items", UsualDetails);

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Seed: the same one gives the same rows [default: drawn]",
        HelpName = "number",
    };

    private readonly Option<DateTime?> _referenceTime = InstantOption.Create(
        "--reference-time", "No generated time is after this one, local unless it has a zone [default: now; with --seed the newest one of the ledger, or a fixed time if there is none]");

    private readonly Option<string> _locale = new("--locale")
    {
        Description = "Locale of names, cities and products, such as en or de",
        HelpName = "name",
        DefaultValueFactory = _ => "en",
    };

    private RowOptions() => _rows.Validators.Add(result =>
    {
        foreach (var text in result.GetValueOrDefault<string[]?>() ?? [])
        {
            if (!TryRead(text, out _, out _))
            {
                result.AddError($"--rows '{text}' is not of the form products=20.");
            }
        }
    });

    /// <summary>Adds the options to a command.</summary>
    public static RowOptions AddTo(Command command)
    {
        var options = new RowOptions();
        foreach (var option in new Option[]
        {
            options._rows, options._users, options._transactions, options._details, options._seed, options._referenceTime, options._locale,
        })
        {
            command.Options.Add(option);
        }

        return options;
    }

    /// <summary>The rows that are asked for: see <see cref="BatchRows.Asked"/>.</summary>
    public (IReadOnlyDictionary<string, long> Rows, bool RowsOfMetadata) Asked(ParseResult parsed, StreamModel model)
    {
        Dictionary<string, long>? named = null;
        foreach (var text in parsed.GetValue(_rows) ?? [])
        {
            TryRead(text, out var table, out var count);
            (named ??= new(StringComparer.Ordinal))[table] = count;
        }

        return BatchRows.Asked(
            model,
            named,
            ("users", "--users", parsed.GetValue(_users), UsualUsers),
            ("transactions", "--transactions", parsed.GetValue(_transactions), UsualTransactions),
            ("detailed_transactions", "--details", parsed.GetValue(_details), UsualDetails));
    }

    /// <summary>New users.</summary>
    public long Users(ParseResult parsed) => parsed.GetValue(_users) ?? UsualUsers;

    /// <summary>New transactions.</summary>
    public long Transactions(ParseResult parsed) => parsed.GetValue(_transactions) ?? UsualTransactions;

    /// <summary>New line items.</summary>
    public long Details(ParseResult parsed) => parsed.GetValue(_details) ?? UsualDetails;

    /// <summary>Seed of the random values, or null.</summary>
    public long? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>No generated time is after this one (local unless it has a zone), or null.</summary>
    public DateTime? ReferenceTime(ParseResult parsed) => parsed.GetValue(_referenceTime);

    /// <summary>Locale of the values.</summary>
    public string Locale(ParseResult parsed) => parsed.GetValue(_locale)!;

    private static Option<long?> Count(string name, string description, long usual) => new Option<long?>(name)
    {
        Description = $"{description} [default: {usual}]",
        HelpName = "number",
    }.AtLeast(0);

    private static bool TryRead(string text, out string table, out long count)
    {
        var parts = text.Split('=', 2, StringSplitOptions.TrimEntries);
        table = parts[0];
        count = 0;
        return parts.Length == 2 && table.Length > 0 && long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out count);
    }
}
