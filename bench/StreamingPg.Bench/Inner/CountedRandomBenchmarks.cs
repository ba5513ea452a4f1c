using BenchmarkDotNet.Attributes;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Bench.Inner;

/// <summary>Random values, a thousand at a time.</summary>
[MemoryDiagnoser]
public class CountedRandomBenchmarks
{
    private const int Rows = 1000;
    private readonly CountedRandom _random = CountedRandom.FromSeed(42).Derive("column");

    [Benchmark(OperationsPerInvoke = Rows)]
    public ulong Bits()
    {
        ulong sum = 0;
        for (var row = 0; row < Rows; row++)
        {
            sum += _random.Bits(row);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public long Below()
    {
        long sum = 0;
        for (var row = 0; row < Rows; row++)
        {
            sum += _random.Below(row, 73);
        }

        return sum;
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public double Fraction()
    {
        double sum = 0;
        for (var row = 0; row < Rows; row++)
        {
            sum += _random.Fraction(row);
        }

        return sum;
    }
}
