using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;
using StreamingPg.Core.Schema;

namespace StreamingPg.Core.Integrity;

/// <summary>Whether the server itself enforces the foreign keys; where it does not, orphans can come in later.</summary>
internal static class ConstraintCheck
{
    private const string Missing =
        "There is no such constraint: the server lets orphans in. Use ALTER TABLE ... ADD FOREIGN KEY.";

    private const string Disabled =
        "Triggers of this constraint are disabled: the server lets orphans in. Use ALTER TABLE ... ENABLE TRIGGER ALL.";

    private const string NotValid =
        "The constraint is NOT VALID: older rows were never looked at. Use ALTER TABLE ... VALIDATE CONSTRAINT.";

    /// <summary>One result per foreign key of the table.</summary>
    public static IEnumerable<IntegrityResult> Results(string schema, StreamModel model, TableModel table, LiveTable live) =>
        from key in table.ForeignKeys
        let stored = StoredKeys.ForeignKey(model, table, key)
        let problem = stored is null ? null : Problem(live.ForeignKeys.Where(constraint => TableDifference.IsSame(schema, stored, constraint)))
        let text = new CheckText(
            $"{CheckKind.ForeignKeyConstraint} {KeyNames.Of(table, key)}",
            IntegritySeverity.Warning,
            problem ?? (stored is null ? Unenforced(model.Table(key.ParentTable)) : "The server enforces this foreign key."))
        select text.Result(table.Name, problem is null ? 0 : 1, [], TimeSpan.Zero);

    private static string Unenforced(TableModel parent) =>
        $"The server cannot enforce this foreign key, because \"{parent.Name}\" is {parent.Layout.Describe()}. Batches verify it before they commit; the check of its rows finds orphans.";

    /// <summary>What is wrong with the best of several constraints that say the same.</summary>
    private static string? Problem(IEnumerable<LiveForeignKey> constraints) =>
        constraints.OrderByDescending(constraint => (constraint.IsEnabled, constraint.IsValidated)).FirstOrDefault() switch
        {
            null => Missing,
            { IsEnabled: false } => Disabled,
            { IsValidated: false } => NotValid,
            _ => null,
        };
}
