namespace StreamingPg.Core.Schema;

/// <summary>One step of an update before it is known whether it is to be taken.</summary>
/// <param name="Kind">Kind of object.</param>
/// <param name="Table">Table that it belongs to.</param>
/// <param name="Name">Name of the object.</param>
/// <param name="Change">What happens to it.</param>
/// <param name="Need">What it takes.</param>
/// <param name="Statements">Statements to run; none when a person is needed.</param>
internal sealed record UpdateStep(
    string Kind, string Table, string Name, string Change, UpdateNeed Need, IReadOnlyList<string> Statements)
{
    /// <summary>Query for the rows whose value would be lost or changed, or that stand against the step; null when there are none.</summary>
    public string? CountSql { get; init; }

    /// <summary>Why the step cannot be taken as things are, a sentence with its remedy.</summary>
    public string Reason { get; init; } = "";

    /// <summary>The rows, when they have been counted.</summary>
    public long? Rows { get; init; }

    /// <summary>What it does to the columns of its table.</summary>
    public ColumnEffect Effect { get; init; }

    /// <summary>True for an index that is built outside of the transaction, while others use the table.</summary>
    public bool IsConcurrent { get; init; }

    /// <summary>True when the step is taken.</summary>
    public bool IsWanted(SchemaUpdateOptions options) => Need switch
    {
        UpdateNeed.Nothing => true,
        UpdateNeed.WidenIntegers => options.WidenIntegers,
        UpdateNeed.NoRows => Rows is null or 0,
        UpdateNeed.Force => options.Force,
        _ => false,
    };

    /// <summary>What is to be said of the step.</summary>
    public SchemaUpdate Describe(SchemaUpdateOptions options, SchemaUpdateState wanted) => new()
    {
        Kind = Kind,
        Table = Table,
        Name = Name,
        Change = Change,
        State = IsWanted(options) ? wanted : SchemaUpdateState.Refused,
        LosesData = Need == UpdateNeed.Force,
        Rows = Rows,
        Sql = string.Join(";\n", Statements.Select(statement => statement.Trim().TrimEnd(';'))) + (Statements.Count > 0 ? ";" : ""),
        Detail = IsWanted(options) ? "" : Need switch
        {
            UpdateNeed.Force => "It can lose data; use -Force to do it.",
            UpdateNeed.WidenIntegers =>
                "It rewrites the whole table, which is locked meanwhile; use -WidenInteger to do it.",
            _ => Reason,
        },
    };
}

/// <summary>What a step does to the columns of its table.</summary>
internal enum ColumnEffect
{
    /// <summary>They stay, or one becomes another.</summary>
    None,

    /// <summary>One comes.</summary>
    Added,

    /// <summary>One goes, of which the model has nothing.</summary>
    Dropped,
}

/// <summary>What it takes for a step of an update to be taken.</summary>
internal enum UpdateNeed
{
    /// <summary>Nothing: it is safe.</summary>
    Nothing,

    /// <summary>That the user asks for integers to be widened.</summary>
    WidenIntegers,

    /// <summary>That no row stands against it.</summary>
    NoRows,

    /// <summary>That the user takes the loss of data.</summary>
    Force,

    /// <summary>It is for a person to do.</summary>
    Person,
}
