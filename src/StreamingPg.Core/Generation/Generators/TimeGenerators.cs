using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Generators;

/// <summary>Times; none is after the reference time, <c>time.future</c> apart.</summary>
internal static class TimeGenerators
{
    private const int RegistrationDays = 730;
    private const int RecentDays = 30;
    private const int FutureDays = 365;
    private const int MostDays = 36_500;

    public static readonly GeneratorDefinition[] All =
    [
        new("time.event", GeneratorFamily.Time, "creation time of the row: after its parents and after the earlier times of the row", Event),
        new("time.past", GeneratorFamily.Time, "a time in the last two years", context => Past(context, RegistrationDays)) { Arguments = [Days] },
        new("time.recent", GeneratorFamily.Time, "a time in the last thirty days", context => Past(context, RecentDays)) { Arguments = [Days] },
        new("time.future", GeneratorFamily.Time, "a time in the year after the reference time", Future) { Arguments = [Days] },
        new("time.birth_date", GeneratorFamily.Time, "birth date of an adult, 18 to 90 years old; that of the row's age", PersonGenerators.BirthDate),
    ];

    private static GeneratorArgument Days => new("days", "number of days") { Minimum = 1, Maximum = MostDays };

    private static ColumnGenerator Event(GeneratorContext context)
    {
        if (context.Column.IsUnique || IsNumberedDay(context) || !context.Allows(EventRule.Oldest(context), context.Plan.ReferenceTime))
        {
            return Bounded(context);
        }

        // A second time of the same row (updated_at after created_at) follows the first.
        if (context.Table.FirstTimeIndex >= 0 && context.Table.Columns[context.Table.FirstTimeIndex] is ITimed first)
        {
            return Time(context, row => first.TimeAt(row), EventRule.Second(context));
        }

        return Time(context, context.Earliest, EventRule.First(context));
    }

    /// <summary>
    /// Times between bounds, which may come from the partitions of a table and end long after the present: none is after the
    /// reference time for that, and none before its parents where there is room.
    /// </summary>
    private static ColumnGenerator Bounded(GeneratorContext context)
    {
        var scale = (TimeScale)ValueScale.For(context.Column.Type)!;
        var reference = scale.ToStep(context.Plan.ReferenceTime, up: false);
        var column = context.Column;
        if (column.Minimum is { } minimum && scale.ToStep(minimum, up: true) is var lowest && lowest > reference)
        {
            throw new FormatException(
                $"its times start at {scale.Describe(lowest)}, but the reference time is {scale.Describe(reference)}: "
                + "use a later reference time, or \"generator\": \"time.future\" if the column holds future times");
        }

        if (column.Maximum is { } maximum && scale.ToStep(maximum, up: false) > reference)
        {
            column = column with { Maximum = context.Plan.ReferenceTime };
        }

        var start = EventRule.Start(context);
        if (column is { IsUnique: true, Distribution: null } && start is { } since && HasRoomFor(context, scale, since))
        {
            var earliest = scale.ToStep(PostgresTime.ToDateTime(since), up: true);
            column = column.Minimum is { } given && scale.ToStep(given, up: true) > earliest ? column : column with { Minimum = PostgresTime.ToDateTime(since) };
        }

        if (column is { Distribution: not null, IsUnique: false } && !IsNumberedDay(context) && context.Earliest is { } parent)
        {
            // Learned from columns one by one, the times of parents and children are in no order by themselves.
            var highest = column.Maximum is { } most ? scale.ToStep(most, up: false) : long.MaxValue;
            return context.Scaled(column, steps => new LaterSteps(steps, parent, scale.MicrosecondsPerStep, highest));
        }

        if (column is not { Distribution: null, IsUnique: false } || IsNumberedDay(context) || (context.Earliest is null && start is null && context.Plan.Events.Rhythm is null))
        {
            return context.Scaled(column);
        }

        var bounds = StepBounds.Of(column, scale, context.Plan.ReferenceTime);
        var (from, to) = (bounds.Lowest * scale.MicrosecondsPerStep, ((bounds.Highest + 1) * scale.MicrosecondsPerStep) - 1);
        to = Math.Min(to, context.ReferenceTime);
        from = start is { } after && after <= to ? Math.Max(from, after) : from;
        return Time(
            context,
            row => context.Earliest?.Invoke(row) is { } earliest ? Math.Clamp(earliest, from, to) : from,
            new TimeBounds(from, from, to, long.MaxValue) { Rhythm = EventRule.Rhythm(context) });
    }

    /// <summary>Unique times are drawn from the stretch of time if it has many more of them than there are rows.</summary>
    private static bool HasRoomFor(GeneratorContext context, TimeScale scale, long since) =>
        scale.MicrosecondsPerStep == 1 && (context.ReferenceTime - since) / 16 > context.Plan.RowsOf(context.Table.Table.Name);

    /// <summary>Days are few: where rows must differ by them, they are counted.</summary>
    private static bool IsNumberedDay(GeneratorContext context) => context is { IsNumbered: true, Column.Type.Kind: ColumnKind.Date };

    private static ScaledColumn Past(GeneratorContext context, int days) =>
        context.Scaled(context.Plan.ReferenceTime.AddDays(-context.Number("days", days)), context.Plan.ReferenceTime);

    private static ScaledColumn Future(GeneratorContext context) =>
        context.Scaled(context.Plan.ReferenceTime, context.Plan.ReferenceTime.AddDays(context.Number("days", FutureDays)));

    /// <summary>Times, or the days on which they lie.</summary>
    public static ColumnGenerator Time(GeneratorContext context, Func<long, long?>? earliest, TimeBounds bounds)
    {
        var times = new TimeColumn(context.Random, earliest, bounds);
        return context.Column.Type.Kind == ColumnKind.Date ? new DateColumn(times) : times;
    }
}
