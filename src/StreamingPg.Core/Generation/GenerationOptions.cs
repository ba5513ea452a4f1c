namespace StreamingPg.Core.Generation;

/// <summary>What a user asks of generated rows that are not loaded at once.</summary>
internal sealed record GenerationOptions
{
    /// <summary>Seed of the random values; null draws one.</summary>
    public long? Seed { get; init; }

    /// <summary>No generated time is after this one (UTC); null means now; with a seed, a fixed instant, or the newest reference time in the ledger where rows are made for existing ones.</summary>
    public DateTime? ReferenceTime { get; init; }

    /// <summary>Locale of names, cities and products, such as <c>en</c> or <c>de</c>.</summary>
    public string Locale { get; init; } = DefaultLocale;

    /// <summary>Locale when nothing else is asked.</summary>
    public const string DefaultLocale = "en";
}
