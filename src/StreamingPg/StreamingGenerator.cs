namespace StreamingPg;

/// <summary>A generator that metadata can name.</summary>
public sealed record StreamingGenerator
{
    /// <summary>Its name in metadata.</summary>
    public required string Name { get; init; }

    /// <summary>The types of columns that it fits.</summary>
    public required string Type { get; init; }

    /// <summary>What its values are.</summary>
    public required string Description { get; init; }

    /// <summary>Its arguments in metadata.</summary>
    public IReadOnlyList<StreamingGeneratorArgument> Arguments { get; init; } = [];

    /// <summary>Three values, as text.</summary>
    public IReadOnlyList<string> Samples { get; init; } = [];

    /// <summary>True for one of your own.</summary>
    public bool IsOwn { get; init; }
}

/// <summary>An argument of a generator.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, and which values it takes.</param>
public sealed record StreamingGeneratorArgument(string Name, string Description)
{
    /// <inheritdoc/>
    public override string ToString() => Name;
}
