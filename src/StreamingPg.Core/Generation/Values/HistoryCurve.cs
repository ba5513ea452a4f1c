using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Values;

/// <summary>
/// When the events of a history happened: equal shares of the events, in order, have the times between which the growing rate, with the
/// rhythm on top, sums up to equal parts. The time of an event follows from its place in the history alone, however that is cut.
/// </summary>
internal sealed class HistoryCurve
{
    private const long Hour = 60 * PostgresTime.Minute;
    private const long MostCells = 100_000;

    private readonly long _from;
    private readonly long _to;
    private readonly RhythmCurve? _rhythm;
    private readonly double[] _sums;
    private readonly int[] _guide;

    /// <param name="from">The beginning, microseconds since 2000-01-01.</param>
    /// <param name="to">The end.</param>
    /// <param name="history">How the rate grew.</param>
    /// <param name="rhythm">The rhythm, or null.</param>
    public HistoryCurve(long from, long to, HistoryModel history, RhythmModel? rhythm)
    {
        (_from, _to) = (from, to);
        _rhythm = rhythm is null ? null : RhythmCurve.Of(rhythm);
        var cells = (int)Math.Clamp((to - from + Hour - 1) / Hour, 1, MostCells);
        _sums = new double[cells + 1];
        for (var cell = 0; cell < cells; cell++)
        {
            var rate = history.RateAt((cell + 0.5) / cells);
            _sums[cell + 1] = _sums[cell] + (rate * (_rhythm is null ? Begin(cell + 1) - Begin(cell) : _rhythm.SumAt(Begin(cell + 1)) - _rhythm.SumAt(Begin(cell))));
        }

        _guide = new int[cells];
        for (int place = 0, cell = 0; place < cells; place++)
        {
            while (cell < cells - 1 && _sums[cell + 1] <= Total * place / cells)
            {
                cell++;
            }

            _guide[place] = cell;
        }
    }

    /// <summary>The time in which as many events happen at the rate of the end, in microseconds; 0 when there are none.</summary>
    public double Total => _sums[^1];

    /// <summary>The time of a share of the events, from 0 up to, but not including, 1.</summary>
    public long TimeOf(double share)
    {
        var sum = share * Total;
        var cell = _guide[Math.Clamp((int)(share * _guide.Length), 0, _guide.Length - 1)];
        while (cell < _guide.Length - 1 && _sums[cell + 1] <= sum)
        {
            cell++;
        }

        var room = _sums[cell + 1] - _sums[cell];
        var rest = room > 0 ? Math.Clamp((sum - _sums[cell]) / room, 0, 1) : 0;
        var (from, to) = (Begin(cell), Begin(cell + 1));
        return _rhythm is null ? from + (long)(rest * (to - from)) : _rhythm.Between(from, to, rest);
    }

    private long Begin(int cell) => _from + (long)((double)(_to - _from) * cell / (_sums.Length - 1));
}
