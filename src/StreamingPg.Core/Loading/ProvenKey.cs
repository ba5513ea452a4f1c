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

    /// <summary>The parent's columns that the proof reads.</summary>
    public IEnumerable<string> ParentColumns =>
        ForeignKey.ParentColumns.Concat(_agreements.Select(agreement => agreement.Parents)).Distinct();

    public string JoinCondition => string.Join(
        " AND ",
        ForeignKey.ParentColumns.Zip(ForeignKey.Columns, (parents, own) =>
            $"{Alias}.{Identifier.Quote(parents)} = {ChildAlias}.{Identifier.Quote(own)}"));

    /// <summary>Counts of new rows that break the key or an agreement, each after a comma, in the order of <see cref="Findings"/>.</summary>
    public string OffendingCounts
    {
        get
        {
            var conditions = _agreements.Select(agreement =>
                $"{ChildAlias}.{Identifier.Quote(agreement.Own)} IS DISTINCT FROM {Alias}.{Identifier.Quote(agreement.Parents)}");
            return string.Concat(conditions
                .Prepend($"{Alias}.{Identifier.Quote(ForeignKey.ParentColumns[0])} IS NULL")
                .Select(condition => $", count(*) FILTER (WHERE {condition})"));
        }
    }

    /// <summary>What a count above zero means, a predicate.</summary>
    public IEnumerable<string> Findings =>
        _agreements
            .Select(agreement => $"have another ({agreement.Own}) than their row of \"{ForeignKey.ParentTable}\"")
            .Prepend($"refer by ({string.Join(", ", ForeignKey.Columns)}) to no row of \"{ForeignKey.ParentTable}\" that the batch may refer to");

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
