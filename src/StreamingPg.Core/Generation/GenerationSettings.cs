using System.Security.Cryptography;
using StreamingPg.Core.Generation.Tables;

namespace StreamingPg.Core.Generation;

/// <summary>Seed, reference time and key time after the defaults have been filled in.</summary>
/// <param name="Seed">The seed.</param>
/// <param name="ReferenceTime">No generated time is after this one (UTC).</param>
/// <param name="IsRepeatable">True when a user gave the seed or the reference time.</param>
internal readonly record struct GenerationSettings(long Seed, DateTime ReferenceTime, bool IsRepeatable)
{
    /// <summary>A seed that was not given is drawn; a reference time is now, or the fixed instant when a seed was given.</summary>
    public static GenerationSettings From(GenerationOptions options) =>
        From(options.Seed, options.ReferenceTime, TimeProvider.System);

    /// <inheritdoc cref="From(GenerationOptions)"/>
    public static GenerationSettings From(long? seed, DateTime? referenceTime, TimeProvider timeProvider)
    {
        Check(referenceTime);
        var reference = referenceTime is { } given
            ? (given.Kind == DateTimeKind.Local ? given.ToUniversalTime() : given)
            : seed is null ? timeProvider.GetUtcNow().UtcDateTime : BatchPlan.FixedReferenceTime;
        return new GenerationSettings(
            seed ?? BitConverter.ToInt64(RandomNumberGenerator.GetBytes(8)),
            reference,
            seed is not null || referenceTime is not null);
    }

    // Keys count milliseconds from 1970 in 48 bits, and generated times lie up to a lifetime before the reference time.
    private static void Check(DateTime? time)
    {
        if (time is { Year: < 1970 or > 8999 })
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"The reference time {DisplayText.Instant(time)} is out of range.",
                "Use a time from 1970 to 8999.",
                time);
        }
    }

    /// <summary>
    /// Milliseconds since 1970 for the keys of a batch. Batches at one fixed reference time are a millisecond apart, so that
    /// the keys of each are a range of their own.
    /// </summary>
    public long KeyTime(long batchNumber) =>
        new DateTimeOffset(DateTime.SpecifyKind(ReferenceTime, DateTimeKind.Utc)).ToUnixTimeMilliseconds()
        + (IsRepeatable ? batchNumber : 0);
}
