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
    /// <summary>All texts that it makes, where they are few; none otherwise.</summary>
    public IReadOnlyList<string> Texts { get; init; } = [];

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
