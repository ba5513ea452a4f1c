namespace StreamingPg.Core.Generation.Random;

/// <summary>A product of the catalogue.</summary>
/// <param name="Name">Name, distinct in its locale.</param>
/// <param name="PriceInCents">List price; the same for every batch, seed and machine.</param>
internal readonly record struct Product(string Name, int PriceInCents);
