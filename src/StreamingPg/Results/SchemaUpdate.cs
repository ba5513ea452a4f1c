namespace StreamingPg;

/// <summary>One step from the existing tables to the tables in the metadata.</summary>
public sealed record SchemaUpdate
{
    /// <summary>Kind of object: schema, type, table, column, foreign key, index, primary key, ledger.</summary>
    public required string Kind { get; init; }

    /// <summary>Table that it belongs to; empty for a schema or a type.</summary>
    public required string Table { get; init; }

    /// <summary>Name of the object.</summary>
    public required string Name { get; init; }

    /// <summary>What happens to it, such as <c>add</c> or <c>varchar(50) to varchar(100)</c>.</summary>
    public required string Change { get; init; }

    /// <summary>Whether the step was taken.</summary>
    public required SchemaUpdateState State { get; init; }

    /// <summary>True if the step can lose data and needs -Force.</summary>
    public bool LosesData { get; init; }

    /// <summary>Rows whose value would be lost or changed, or that block the step; null if no row is affected.</summary>
    public long? Rows { get; init; }

    /// <summary>The statements of the step; empty if there is none to run.</summary>
    public string Sql { get; init; } = "";

    /// <summary>Why the step was not taken, and what it needs.</summary>
    public string Detail { get; init; } = "";

    /// <summary>The step in one line, for display.</summary>
    public override string ToString()
    {
        var place = Table.Length == 0 || Table == Name ? Name : $"{Table}.{Name}";
        var rows = Rows is { } count ? $" ({DisplayText.Count(count)} rows)" : "";
        return $"{Kind} {place}: {Change}{rows}.{(Detail.Length == 0 ? "" : " " + Detail)}";
    }
}

/// <summary>Whether a step of a schema update was taken.</summary>
public enum SchemaUpdateState
{
    /// <summary>The step would be taken; nothing was done.</summary>
    WouldApply,

    /// <summary>The step was taken.</summary>
    Applied,

    /// <summary>The step was not taken; the detail says why, and what it needs.</summary>
    Refused,
}
