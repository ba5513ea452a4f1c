using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Loading;

/// <summary>A foreign key that the proof of new rows looks up, with the agreements of shared ancestors that go by it.</summary>
internal sealed class ProvenKey
{
    /// <summary>Alias of the new rows in the query.</summary>
    public const string ChildAlias = "c";

    private readonly IReadOnlyList<(string Own, string Parents)> _agreements;

    private ProvenKey(ForeignKeyModel foreignKey, int number, IEnumerable<SharedAncestor> agreements)
    {
        ForeignKey = foreignKey;
        Alias = $"p{number}";
        _agreements = [.. agreements.SelectMany(ancestor => ancestor.Columns.Zip(ancestor.ParentColumns))];
    }

    public ForeignKeyModel ForeignKey { get; }

    /// <summary>Alias of the parents in the query.</summary>
    public string Alias { get; }

    /// <summary>The parent's columns that new rows must agree with: its key, and what both refer to.</summary>
    public IEnumerable<string> ParentColumns => ForeignKey.ParentColumns.Concat(_agreements.Select(agreement => agreement.Parents));

    /// <summary>The new rows' columns that must be equal to <see cref="ParentColumns"/>, in the same order.</summary>
    public string ChildColumnsSql => string.Join(
        ", ",
        ForeignKey.Columns.Concat(_agreements.Select(agreement => agreement.Own)).Select(column => $"{ChildAlias}.{Identifier.Quote(column)}"));

    /// <summary>The condition under which a parent's row is the one that a new row refers to and agrees with.</summary>
    public string JoinCondition => string.Join(
        " AND ",
        ForeignKey.ParentColumns.Zip(ForeignKey.Columns)
            .Concat(_agreements.Select(agreement => (agreement.Parents, agreement.Own)))
            .Select(pair => $"{Alias}.{Identifier.Quote(pair.Item1)} = {ChildAlias}.{Identifier.Quote(pair.Item2)}"));

    /// <summary>Count of new rows that have no such parent.</summary>
    public string OffendingCountSql =>
        $"count(*) FILTER (WHERE {Alias}.{Identifier.Quote(ForeignKey.ParentColumns[0])} IS NULL)";

    /// <summary>What a count above zero means, a predicate.</summary>
    public string Meaning
    {
        get
        {
            var shared = string.Concat(_agreements.Select(agreement => $", or have another ({agreement.Own}) than it"));
            return $"refer by ({string.Join(", ", ForeignKey.Columns)}) to no row of \"{ForeignKey.ParentTable}\" that the batch may refer to{shared}";
        }
    }

    /// <summary>
    /// The keys to look up. A line's user is its transaction's user, which the look-up of the transaction proves, and that one
    /// is there, which the proof of the transactions (or, for old ones, their foreign key) says: no need to look it up again.
    /// Where triggers check every row, only agreements are left to prove.
    /// </summary>
    public static IReadOnlyList<ProvenKey> Of(StreamModel model, TableModel table, ForeignKeyCheck check)
    {
        var shared = SharedAncestor.Of(model, table);
        return
        [
            .. table.ForeignKeys
                .Where(key => !shared.Any(ancestor => ancestor.Straight == key))
                .Select((key, number) => new ProvenKey(key, number, shared.Where(ancestor => ancestor.Via == key)))
                .Where(key => check == ForeignKeyCheck.Set || key._agreements.Count > 0),
        ];
    }
}
