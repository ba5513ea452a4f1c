using StreamingPg.Core.Generation.Columns;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Values that tell rows apart.</summary>
internal static class KeyGenerators
{
    public static readonly GeneratorDefinition[] All =
    [
        new("uuid.v7", GeneratorFamily.Uuid, "UUID that starts with the time of the batch (RFC 9562)", context =>
            new UuidKeyColumn(context.Random, context.Plan.KeyTime)),
        new("uuid.v4", GeneratorFamily.Uuid, "random UUID (RFC 9562)", context => new RandomUuidColumn(context.Random)),
    ];
}
