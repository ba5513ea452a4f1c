using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Values;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>
/// The one rule for when the events of a batch happen, whatever its tables are. Spread, they lie anywhere in a span before the reference
/// time, after their parents. Now, they lie in the batch's own stretch of time, which begins at the tick before: those of new parents follow
/// these within seconds, so that a user registers just before the first transaction. In a history, they lie where the curve has the row. No
/// time is after the reference time.
/// </summary>
internal static class EventRule
{
    private const long RegistrationSpan = 730 * PostgresTime.Day;
    private const long RecentSpan = 30 * PostgresTime.Day;

    // What follows within minutes belongs to the same event: now, it follows at once.
    private const long SameEvent = 5 * PostgresTime.Minute;
    private const long AtOnce = PostgresTime.Minute / 6;

    /// <summary>The earliest time of a row.</summary>
    public static TimeBounds First(GeneratorContext context)
    {
        if (StartOfNow(context) is { } start)
        {
            return new TimeBounds(long.MinValue, start, context.ReferenceTime, AtOnce) { Rhythm = Rhythm(context), Late = Late(context) };
        }

        if (context.Plan.History is { } curve && context.Plan.RowsOf(context.Table.Table.Name) is > 0 and var rows)
        {
            return new TimeBounds(long.MinValue, long.MinValue, context.ReferenceTime, long.MaxValue) { History = new HistoryTimes(context.Random, curve, rows) };
        }

        var from = context.ReferenceTime - (Span(context) ?? (context.Table.Table.ForeignKeys.Count == 0 ? RegistrationSpan : RecentSpan));
        return new TimeBounds(from, from, context.ReferenceTime, long.MaxValue) { Rhythm = Rhythm(context) };
    }

    /// <summary>A second time of a row (updated_at after created_at).</summary>
    public static TimeBounds Second(GeneratorContext context) =>
        new(context.ReferenceTime - RecentSpan, long.MinValue, context.ReferenceTime, RecentSpan);

    /// <summary>A time that follows another as metadata says.</summary>
    /// <param name="context">The column.</param>
    /// <param name="within">How long after it at most, or null.</param>
    public static TimeBounds After(GeneratorContext context, TimeSpan? within)
    {
        if (StartOfNow(context) is not { } start)
        {
            var span = within is { } most ? (long)most.TotalMicroseconds : RecentSpan;
            return new TimeBounds(context.ReferenceTime - span, long.MinValue, context.ReferenceTime, span);
        }

        // Without a limit the event is of now, however old the parent is; with one, it keeps to that.
        return within is { } limit && (long)limit.TotalMicroseconds is var reach
            ? new TimeBounds(start, long.MinValue, context.ReferenceTime, reach <= SameEvent ? Math.Min(reach, AtOnce) : reach)
            : new TimeBounds(start, start, context.ReferenceTime, long.MaxValue);
    }

    /// <summary>Before this time nothing happens that is not bound to happen earlier; null where nothing is said.</summary>
    public static long? Start(GeneratorContext context) => StartOfNow(context) ?? context.ReferenceTime - Span(context);

    /// <summary>No event is before this time, however late it arrives.</summary>
    public static DateTime Oldest(GeneratorContext context)
    {
        // A second time whose first is NULL lies in the usual span, whatever the batch's is.
        var span = Math.Max(Span(context) ?? RegistrationSpan, RecentSpan) + (long)(context.Plan.Events.Late?.To.TotalMicroseconds ?? 0);
        var reach = TimeSpan.FromMicroseconds(span);
        return reach < context.Plan.ReferenceTime - DateTime.MinValue ? context.Plan.ReferenceTime - reach : DateTime.MinValue;
    }

    /// <summary>How events vary over the week; null for evenly.</summary>
    public static RhythmCurve? Rhythm(GeneratorContext context) => context.Plan.Events.Rhythm is { } rhythm ? RhythmCurve.Of(rhythm) : null;

    private static LateTimes? Late(GeneratorContext context) => context.Plan.Events.Late is { } late && context.Table.IsLate is { } isLate
        ? new LateTimes(context.Random, isLate, (long)late.From.TotalMicroseconds, (long)late.To.TotalMicroseconds)
        : null;

    /// <summary>The tick before belongs to the batch before.</summary>
    private static long? StartOfNow(GeneratorContext context) =>
        context.Plan.Events.IsNow ? context.ReferenceTime - Span(context) + 1 : null;

    private static long? Span(GeneratorContext context) => (long?)context.Plan.Events.Span?.TotalMicroseconds;
}
