namespace StreamingPg.Core.Checks;

/// <summary>What was understood of a CHECK: rows that follow the rules satisfy it.</summary>
/// <param name="Rules">What it demands; empty when every row satisfies it, or nothing was understood.</param>
/// <param name="WhyNot">Why it was not understood, a clause; null when it was.</param>
internal sealed record CheckReading(IReadOnlyList<CheckRule> Rules, string? WhyNot);
