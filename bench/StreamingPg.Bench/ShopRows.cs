using System.Globalization;

namespace StreamingPg.Bench;

/// <summary>Rows of the three default tables.</summary>
internal sealed record ShopRows(long Users, long Transactions, long Details)
{
    public long Total => Users + Transactions + Details;

    /// <summary>Rows per table, as a batch wants them.</summary>
    public IReadOnlyDictionary<string, long> PerTable => new Dictionary<string, long>
    {
        ["users"] = Users,
        ["transactions"] = Transactions,
        ["detailed_transactions"] = Details,
    };

    /// <summary>This many rows in all, a user to three transactions to ten lines.</summary>
    public static ShopRows OfTotal(long rows)
    {
        var users = rows / 14;
        var transactions = rows * 3 / 14;
        return new ShopRows(users, transactions, rows - users - transactions);
    }

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Users:N0}/{Transactions:N0}/{Details:N0}");
}
