namespace StreamingPg.Core.Schema;

/// <summary>One object of the plan: what is to be said of it, and the statements that create it (none if there is nothing to do).</summary>
internal sealed record SchemaStep(SchemaChange Change, IReadOnlyList<string> Statements)
{
    public static SchemaStep Create(string kind, string name, IReadOnlyList<string> statements) => new(
        new SchemaChange
        {
            Kind = kind,
            Name = name,
            Action = SchemaAction.WouldCreate,
            Sql = string.Join(";\n", statements) + ";",
        },
        statements);

    public static SchemaStep Unchanged(string kind, string name) =>
        new(new SchemaChange { Kind = kind, Name = name, Action = SchemaAction.Unchanged }, []);

    public static SchemaStep Different(string kind, string name, string detail) =>
        new(new SchemaChange { Kind = kind, Name = name, Action = SchemaAction.Different, Detail = detail }, []);
}
