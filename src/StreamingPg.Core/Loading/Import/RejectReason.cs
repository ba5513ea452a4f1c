using Npgsql;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Why a row was not loaded.</summary>
/// <param name="Text">In words.</param>
/// <param name="SqlState">SQLSTATE.</param>
/// <param name="Column">Column concerned, or null.</param>
/// <param name="Constraint">Constraint concerned, or null.</param>
internal readonly record struct RejectReason(string Text, string SqlState, string? Column, string? Constraint)
{
    public static RejectReason Of(ValueRefusal refusal) => new(refusal.Message, refusal.SqlState, refusal.Column, Constraint: null);

    public static RejectReason Of(PostgresException error) => new(
        string.IsNullOrEmpty(error.Detail) ? error.MessageText : $"{error.MessageText} ({error.Detail})",
        error.SqlState,
        error.ColumnName,
        error.ConstraintName);
}
