namespace StreamingPg;

/// <summary>A locale of names, cities and products.</summary>
public sealed record StreamingLocale
{
    /// <summary>Its name, such as <c>de</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Language and country in English.</summary>
    public required string Language { get; init; }

    /// <summary>Three names of persons.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];
}
