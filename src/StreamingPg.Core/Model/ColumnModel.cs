namespace StreamingPg.Core.Model;

/// <summary>A column of a table.</summary>
/// <param name="Name">Name as in metadata.</param>
/// <param name="Type">Type.</param>
/// <param name="IsPrimaryKey">True when it is (part of) the primary key.</param>
/// <param name="IsAutoIncrement">True when the server gives the value from a sequence.</param>
/// <param name="Description">Free text; becomes the column's comment.</param>
public sealed record ColumnModel(
    string Name,
    ColumnType Type,
    bool IsPrimaryKey = false,
    bool IsAutoIncrement = false,
    string? Description = null);
