namespace StreamingPg.Core.Model;

/// <summary>A named generator of a column, as metadata asks for it.</summary>
/// <param name="Kind">Its name, such as <c>person.full_name</c>.</param>
/// <param name="Arguments">Its arguments: text, decimal, double or bool.</param>
public sealed record GeneratorModel(string Kind, IReadOnlyDictionary<string, object> Arguments)
{
    /// <summary>The kind that leaves a column to the default that the server has for it.</summary>
    public const string ServerDefault = "default";
}
