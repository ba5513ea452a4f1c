using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>A named generator: what it is called, what it fits, what it takes and how it is made.</summary>
/// <param name="Kind">Its name in metadata.</param>
/// <param name="Family">The types that it fits.</param>
/// <param name="Description">What its values are, for the documentation.</param>
/// <param name="Create">Makes it for a column.</param>
internal sealed record GeneratorDefinition(
    string Kind, GeneratorFamily Family, string Description, Func<GeneratorContext, ColumnGenerator> Create)
{
    /// <summary>What it takes.</summary>
    public IReadOnlyList<GeneratorArgument> Arguments { get; init; } = [];
}

/// <summary>The types of columns that a generator fits.</summary>
internal enum GeneratorFamily
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Dates and timestamps.</summary>
    Time,

    /// <summary>Truth values.</summary>
    Boolean,

    /// <summary>UUIDs.</summary>
    Uuid,

    /// <summary>Any type.</summary>
    Any,
}
