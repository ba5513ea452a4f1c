using System.CommandLine;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>The options that say how many rows, and which values.</summary>
internal sealed class RowOptions
{
    private readonly Option<long> _users = Count("--users", "New users", 10);
    private readonly Option<long> _transactions = Count("--transactions", "New transactions", 30);
    private readonly Option<long> _details = Count("--details", "New line items", 100);

    private readonly Option<long?> _seed = new("--seed")
    {
        Description = "Seed: the same one gives the same rows [default: drawn]",
        HelpName = "number",
    };

    private readonly Option<DateTime?> _referenceTime = UtcTimeOption.Create(
        "--reference-time", "No generated time is after this one, UTC [default: now, or a fixed time with --seed]");

    private readonly Option<string> _locale = new("--locale")
    {
        Description = "Locale of names, cities and products, such as en or de",
        HelpName = "name",
        DefaultValueFactory = _ => "en",
    };

    private RowOptions()
    {
    }

    /// <summary>Adds the options to a command.</summary>
    public static RowOptions AddTo(Command command)
    {
        var options = new RowOptions();
        foreach (var option in new Option[]
        {
            options._users, options._transactions, options._details, options._seed, options._referenceTime, options._locale,
        })
        {
            command.Options.Add(option);
        }

        return options;
    }

    /// <summary>New users.</summary>
    public long Users(ParseResult parsed) => parsed.GetValue(_users);

    /// <summary>New transactions.</summary>
    public long Transactions(ParseResult parsed) => parsed.GetValue(_transactions);

    /// <summary>New line items.</summary>
    public long Details(ParseResult parsed) => parsed.GetValue(_details);

    /// <summary>Seed of the random values, or null.</summary>
    public long? Seed(ParseResult parsed) => parsed.GetValue(_seed);

    /// <summary>No generated time is after this one (UTC), or null.</summary>
    public DateTime? ReferenceTime(ParseResult parsed) => parsed.GetValue(_referenceTime);

    /// <summary>Locale of the values.</summary>
    public string Locale(ParseResult parsed) => parsed.GetValue(_locale)!;

    private static Option<long> Count(string name, string description, long usual) => new Option<long>(name)
    {
        Description = description,
        HelpName = "number",
        DefaultValueFactory = _ => usual,
    }.AtLeast(0);
}
