using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>The generator that was chosen for a column, and why.</summary>
/// <param name="Kind">Its name; or the property of metadata that says where the values come from.</param>
/// <param name="Origin">Where it comes from.</param>
/// <param name="Reason">Why, a clause.</param>
internal sealed record GeneratorChoice(string Kind, GeneratorOrigin Origin, string Reason)
{
    /// <summary>Arguments of the generator.</summary>
    public IReadOnlyDictionary<string, object> Arguments { get; init; } = new Dictionary<string, object>();

    /// <summary>The choice that metadata makes by naming a generator.</summary>
    public static GeneratorChoice Of(GeneratorModel generator) =>
        new(generator.Kind, GeneratorOrigin.Declared, "metadata names the generator") { Arguments = generator.Arguments };
}
