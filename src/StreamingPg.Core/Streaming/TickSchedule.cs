using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Streaming;

/// <summary>
/// When the batches of a stream are due, counted from its start. A tick depends on its number alone, never on when the ones
/// before it were served, so the schedule does not drift.
/// </summary>
internal sealed class TickSchedule
{
    private readonly double _interval;
    private readonly CountedRandom? _random;
    private double _ticks;
    private double _before = -1;

    /// <param name="ticksPerSecond">Ticks per second, on average.</param>
    /// <param name="arrival">How they are spread over time.</param>
    /// <param name="seed">Seed of the randomness, if there is any.</param>
    public TickSchedule(double ticksPerSecond, StreamArrival arrival, long seed)
    {
        _interval = 1 / ticksPerSecond;
        _random = arrival == StreamArrival.Poisson ? CountedRandom.FromSeed(seed).Derive("arrival") : null;
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

    private TimeSpan Time(double ticks) => TimeSpan.FromSeconds(ticks * _interval);
}
