namespace StreamingPg.Core.Checks;

/// <summary>An expression of SQL, or a part of one.</summary>
internal abstract record SqlExpression
{
    /// <summary>The columns it names, each once.</summary>
    public IReadOnlyList<string> Columns => [.. AllColumns().Distinct(StringComparer.Ordinal)];

    /// <summary>The columns it names, as often as it does.</summary>
    protected internal virtual IEnumerable<string> AllColumns() => [];
}

/// <summary>A column; in a domain's CHECK the word VALUE, which is read as a column <c>value</c>.</summary>
/// <param name="Name">Its name.</param>
internal sealed record ColumnExpression(string Name) : SqlExpression
{
    /// <summary>What stands before the name and a dot, or null.</summary>
    public string? Table { get; init; }

    /// <inheritdoc/>
    protected internal override IEnumerable<string> AllColumns() => [Name];
}

/// <summary>A constant: a number, a string, <c>true</c>, <c>false</c> or <c>null</c>.</summary>
/// <param name="Text">The value as text, without quotes.</param>
internal sealed record LiteralExpression(string Text) : SqlExpression
{
    /// <summary>True for a string.</summary>
    public bool IsText { get; init; }
}

/// <summary>An operator or a function with its arguments; <c>list</c> for ARRAY[...] and the list of IN.</summary>
/// <param name="Name">Operator or function in lower case; a schema before it is left out.</param>
/// <param name="Arguments">Its arguments.</param>
internal sealed record CallExpression(string Name, IReadOnlyList<SqlExpression> Arguments) : SqlExpression
{
    /// <inheritdoc/>
    protected internal override IEnumerable<string> AllColumns() => Arguments.SelectMany(argument => argument.AllColumns());
}

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
