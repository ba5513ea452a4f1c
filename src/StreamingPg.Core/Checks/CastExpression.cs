namespace StreamingPg.Core.Checks;

/// <summary>A cast.</summary>
/// <param name="Operand">What is cast.</param>
/// <param name="Type">To which type, as it is spelled.</param>
internal sealed record CastExpression(SqlExpression Operand, string Type) : SqlExpression
{
    // Casts of columns to these keep the value and the order of values: pg_get_constraintdef writes them for operators that
    // only the wider type has.
    private static readonly string[] WideTypes =
    [
        "text", "character varying", "varchar", "bpchar", "numeric", "double precision",
        "timestamp without time zone", "timestamp with time zone", "timestamp", "timestamptz",
    ];

    /// <summary>True when the value is what it was before.</summary>
    public bool KeepsValue => Operand is not ColumnExpression || WideTypes.Contains(Type.Replace("[]", "", StringComparison.Ordinal));

    /// <inheritdoc/>
    protected internal override IEnumerable<string> AllColumns() => Operand.AllColumns();
}
