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
