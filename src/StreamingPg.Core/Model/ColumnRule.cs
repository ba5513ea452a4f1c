namespace StreamingPg.Core.Model;

/// <summary>A rule of metadata that makes a column's values out of other values.</summary>
/// <param name="Property">The property of metadata that it stands in.</param>
internal abstract record ColumnRule(string Property);

/// <summary>Text with expressions in braces, such as <c>INV-{year}-{seq:00000}</c>.</summary>
/// <param name="Text">The text.</param>
internal sealed record TemplateRule(string Text) : ColumnRule("template");

/// <summary>An expression over the row's columns and those of its parents.</summary>
/// <param name="Text">The expression.</param>
internal sealed record ExpressionRule(string Text) : ColumnRule("expression")
{
    /// <summary>True when a CHECK demands it, and not the metadata.</summary>
    public bool IsFromCheck { get; init; }
}

/// <summary>Values of a query, or of another table; of a file they are read with the metadata.</summary>
internal sealed record FromRule() : ColumnRule("from")
{
    /// <summary>A query whose first column has the values, and the second, if there is one, their weights.</summary>
    public string? Query { get; init; }

    /// <summary>A table, alone or as schema.table.</summary>
    public string? Table { get; init; }

    /// <summary>The column of the table.</summary>
    public string? Column { get; init; }

    /// <summary>The column of the table that has the weights; null for equal ones.</summary>
    public string? Weight { get; init; }
}

/// <summary>A JSON object with described properties.</summary>
/// <param name="Properties">Each property as if it were a column.</param>
internal sealed record ObjectRule(IReadOnlyList<ColumnModel> Properties) : ColumnRule("properties");

/// <summary>A generator of the user's own.</summary>
/// <param name="Generator">The generator.</param>
/// <param name="Arguments">Its arguments in metadata.</param>
internal sealed record OwnGeneratorRule(IStreamingGenerator Generator, IReadOnlyDictionary<string, object> Arguments) : ColumnRule("generator");

/// <summary>Where the values come from in the rows of which a condition is true.</summary>
/// <param name="Condition">The condition; null for every row that none before it was true of.</param>
/// <param name="Source">The column with that source; null for NULL.</param>
internal sealed record WhenModel(string? Condition, ColumnModel? Source);
