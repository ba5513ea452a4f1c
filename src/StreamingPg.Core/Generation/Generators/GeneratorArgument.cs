namespace StreamingPg.Core.Generation.Generators;

/// <summary>An argument of a generator.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Description">What it does, for the documentation.</param>
internal sealed record GeneratorArgument(string Name, string Description)
{
    /// <summary>The texts that it may be; null when it is a number.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>The least number that it may be.</summary>
    public double Minimum { get; init; }

    /// <summary>The greatest number that it may be.</summary>
    public double Maximum { get; init; }

    /// <summary>Why a value cannot be the argument, a clause; null when it can.</summary>
    public string? WhyWrong(object value) => (Choices, value) switch
    {
        (not null, string text) when Choices.Contains(text, StringComparer.OrdinalIgnoreCase) => null,
        (not null, _) => $"\"{Name}\" is \"{value}\", but it must be one of: {string.Join(", ", Choices)}",
        (null, decimal number) when (double)number >= Minimum && (double)number <= Maximum && decimal.Truncate(number) == number => null,
        _ => FormattableString.Invariant($"\"{Name}\" is \"{value}\", but it must be a whole number from {Minimum} to {Maximum}"),
    };
}
