using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Values;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Streaming;

/// <summary>
/// When the batches of a stream are due, counted from its start. A tick depends on its number alone, never on when the ones
/// before it were served, so the schedule does not drift.
/// </summary>
internal sealed class TickSchedule
{
    private const double Microseconds = 1_000_000;

    private readonly double _interval;
    private readonly CountedRandom? _random;
    private readonly RhythmCurve? _rhythm;
    private readonly double _start;
    private readonly TimeSpan _late;
    private double _ticks;
    private double _before = -1;

    /// <param name="ticksPerSecond">Ticks per second, on average.</param>
    /// <param name="arrival">How they are spread over time.</param>
    /// <param name="seed">Seed of the randomness, if there is any.</param>
    /// <param name="rhythm">How the rate varies over the week; null for evenly.</param>
    /// <param name="start">The time (UTC) of the first tick.</param>
    /// <param name="late">How long after that time the stream starts.</param>
    public TickSchedule(
        double ticksPerSecond, StreamArrival arrival, long seed, RhythmModel? rhythm = null, DateTime start = default, TimeSpan late = default)
    {
        _late = late;
        _interval = 1 / ticksPerSecond;
        _random = arrival == StreamArrival.Poisson ? CountedRandom.FromSeed(seed).Derive("arrival") : null;
        _rhythm = rhythm is null ? null : RhythmCurve.Of(rhythm);
        _start = PostgresTime.FromDateTime(start);
    }

    /// <summary>Number of the tick that is next, from 0.</summary>
    public long Number { get; private set; }

    /// <summary>When the tick before it was due, after the start; before the start for the first one.</summary>
    public TimeSpan DueBefore => Time(_before);

    /// <summary>When it is due, after the start.</summary>
    public TimeSpan Due => Time(_ticks);

    /// <summary>When the one after it is due.</summary>
    public TimeSpan DueAfter => Time(Next);

    // Steady ticks are whole numbers, so that no rounding adds up over months. The time between two events of a Poisson process is
    // distributed exponentially.
    private double Next => _random is { } random ? _ticks - Math.Log(1 - random.Fraction(Number)) : Number + 1;

    /// <summary>Goes on to the tick after it.</summary>
    public void Advance()
    {
        (_before, _ticks) = (_ticks, Next);
        Number++;
    }

    /// <summary>Ticks that are due within a time after the start, on average.</summary>
    public double PlannedWithin(TimeSpan elapsed) => (_rhythm is null
        ? elapsed.TotalSeconds
        : (_rhythm.SumAt(_start + elapsed.TotalMicroseconds) - _rhythm.SumAt(_start)) / Microseconds) / _interval;

    /// <summary>Ticks per second that are planned at a time after the start.</summary>
    public double RateAt(TimeSpan elapsed) => (_rhythm?.WeightAt((long)(_start + elapsed.TotalMicroseconds)) ?? 1) / _interval;

    // By the rhythm, too, a tick depends on its number alone: equal steps of the rhythm's sum are as many ticks.
    private TimeSpan Time(double ticks) => (_rhythm is null
        ? TimeSpan.FromSeconds(ticks * _interval)
        : TimeSpan.FromMicroseconds(_rhythm.TimeOf(_rhythm.SumAt(_start) + (ticks * _interval * Microseconds)) - _start)) - _late;
}
