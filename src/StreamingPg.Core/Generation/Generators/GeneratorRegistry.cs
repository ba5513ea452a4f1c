using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Every named generator.</summary>
internal static class GeneratorRegistry
{
    private static readonly GeneratorDefinition[] Definitions =
    [
        .. PersonGenerators.All, .. InternetGenerators.All, .. CommerceGenerators.All, .. AddressGenerators.All,
        .. FinanceGenerators.All, .. TextGenerators.All, .. NumberGenerators.All, .. TimeGenerators.All, .. KeyGenerators.All,
        .. PlainGenerators.All,
    ];

    private static readonly Dictionary<string, GeneratorDefinition> ByKind =
        Definitions.ToDictionary(definition => definition.Kind, StringComparer.Ordinal);

    /// <summary>All of them, in the order of the documentation.</summary>
    public static IReadOnlyList<GeneratorDefinition> All => Definitions;

    /// <summary>The generator of that name.</summary>
    public static GeneratorDefinition? Find(string kind) => ByKind.GetValueOrDefault(kind);

    /// <summary>The generator of that name, which is known to be there.</summary>
    public static GeneratorDefinition Of(string kind) => ByKind[kind];

    /// <summary>The family of a type: the generators that fit it are those of this family, and of <see cref="GeneratorFamily.Any"/>.</summary>
    public static GeneratorFamily FamilyOf(ColumnType type) => type switch
    {
        { IsText: true } => GeneratorFamily.Text,
        { IsNumber: true } => GeneratorFamily.Number,
        { IsTimestamp: true } or { Kind: ColumnKind.Date } => GeneratorFamily.Time,
        { Kind: ColumnKind.Boolean } => GeneratorFamily.Boolean,
        { Kind: ColumnKind.Uuid } => GeneratorFamily.Uuid,
        _ => GeneratorFamily.Any,
    };

    /// <summary>True when a generator can make the values of a type.</summary>
    public static bool Fits(GeneratorDefinition definition, ColumnType type) =>
        definition.Family == GeneratorFamily.Any || definition.Family == FamilyOf(type);
}
