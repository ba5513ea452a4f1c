using System.Globalization;
using StreamingPg.Bench.Measuring;

namespace StreamingPg.Bench;

/// <summary>One line of the table.</summary>
internal sealed record Finding
{
    /// <summary>Number of the target.</summary>
    public required int Row { get; init; }

    /// <summary>What was measured.</summary>
    public required string Work { get; init; }

    /// <summary>What it was measured against.</summary>
    public string Against { get; init; } = "-";

    /// <summary>The target in words.</summary>
    public string Target { get; init; } = "";

    /// <summary>The figure that the target is about.</summary>
    public string Figure { get; init; } = "-";

    /// <summary>Lowest and highest of that figure in the rounds.</summary>
    public string Spread { get; init; } = "-";

    /// <summary>Whether the target was met.</summary>
    public required Verdict Verdict { get; init; }

    /// <summary>The absolute figures, or why there are none.</summary>
    public string Details { get; init; } = "";

    /// <summary>A ratio that is to be at least so high.</summary>
    public static Finding AtLeast(double target, int row, string work, string against, Ratio ratio, string details) =>
        Of(row, work, against, ratio, string.Create(CultureInfo.InvariantCulture, $"at least {target}"), ratio.Value >= target, details);

    /// <summary>A ratio that is to be at most so high.</summary>
    public static Finding AtMost(double target, int row, string work, string against, Ratio ratio, string details) =>
        Of(row, work, against, ratio, string.Create(CultureInfo.InvariantCulture, $"at most {target}"), ratio.Value <= target, details);

    private static Finding Of(int row, string work, string against, Ratio ratio, string target, bool isMet, string details) => new()
    {
        Row = row,
        Work = work,
        Against = against,
        Target = target,
        Figure = ratio.ToString(),
        Spread = ratio.Spread,
        Verdict = isMet ? Verdict.Met : Verdict.Missed,
        Details = details,
    };
}
