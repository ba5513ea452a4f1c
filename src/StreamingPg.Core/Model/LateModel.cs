namespace StreamingPg.Core.Model;

/// <summary>Late arrivals: rows that are loaded some time after they happened.</summary>
/// <param name="Share">Their share of the rows, 0 to 1.</param>
/// <param name="From">The least time.</param>
/// <param name="To">The most time.</param>
internal sealed record LateModel(double Share, TimeSpan From, TimeSpan To)
{
    /// <summary>How late they are when nothing else is asked.</summary>
    public const string DefaultRange = "5m..2h";

    private static readonly TimeSpan Longest = TimeSpan.FromDays(3_650);

    /// <summary>What a user asks for; null for no late arrivals.</summary>
    /// <param name="share">Their share, or null.</param>
    /// <param name="range">How late they are: two durations, <c>5m..2h</c>, or one; null for the default.</param>
    /// <exception cref="StreamingException">The share or the range is none, or the range has no share.</exception>
    public static LateModel? Of(double? share, string? range)
    {
        if (share is null or 0)
        {
            return range is null ? null : throw Error($"LateBy {range} has nothing to apply to", "Use it with Late.", range);
        }

        if (share is not (> 0 and <= 1))
        {
            throw Error($"Late cannot be {share}", "Use a share from 0 to 1.", share);
        }

        var parts = (range ?? DefaultRange).Split("..");
        return parts.Length <= 2 && DurationText.Parse(parts[0]) is { } from && DurationText.Parse(parts[^1]) is { } to && from <= to && to <= Longest && to > TimeSpan.Zero
            ? new LateModel(share.Value, from, to)
            : throw Error($"LateBy cannot be {range}", $"Use a duration or two of them, the shorter one first, such as {DefaultRange}.", range);
    }

    private static StreamingException Error(FormattableString problem, string remedy, object? target) =>
        new(ErrorIds.OptionOutOfRange, StreamingErrorKind.InvalidInput, FormattableString.Invariant(problem) + ".", remedy, target);
}
