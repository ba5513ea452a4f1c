using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>Whether the server itself enforces the foreign keys; a constraint that is gone lets orphans in later.</summary>
internal static class ConstraintCheck
{
    /// <summary>One result per foreign key of the table.</summary>
    public static IEnumerable<IntegrityResult> Results(TableModel table, LiveKeys keys) =>
        from key in table.ForeignKeys
        let problem = Problem(keys.Find(table.Name, key))
        select new IntegrityResult
        {
            Check = $"ForeignKeyConstraint {KeyNames.Of(table, key)}",
            Table = table.Name,
            Count = problem is null ? 0 : 1,
            Severity = IntegritySeverity.Warning,
            Detail = problem ?? "The server enforces this foreign key.",
            Duration = TimeSpan.Zero,
        };

    private static string? Problem(LiveForeignKey? constraint) => constraint switch
    {
        null => "There is no such constraint: the server lets orphans in. Initialize-StreamingSchema adds it once the rows are right.",
        { IsEnabled: false } => "The triggers of this constraint are disabled: the server lets orphans in. Use ALTER TABLE ... ENABLE TRIGGER ALL.",
        { IsValidated: false } => "The constraint is NOT VALID: older rows were never looked at. Use ALTER TABLE ... VALIDATE CONSTRAINT.",
        _ => null,
    };
}
