using StreamingPg.Core.Catalog;
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
    public static IEnumerable<IntegrityResult> Results(string schema, TableModel table, LiveTable live) =>
        from key in table.ForeignKeys
        let problem = Problem(live.ForeignKeys.Where(constraint => TableDifference.IsSame(schema, key, constraint)))
        let text = new CheckText(
            $"{CheckKind.ForeignKeyConstraint} {KeyNames.Of(table, key)}",
            IntegritySeverity.Warning,
            problem ?? "The server enforces this foreign key.")
        select text.Result(table.Name, problem is null ? 0 : 1, [], TimeSpan.Zero);

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
