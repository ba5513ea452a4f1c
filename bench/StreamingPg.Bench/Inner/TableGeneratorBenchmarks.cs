using BenchmarkDotNet.Attributes;

namespace StreamingPg.Bench.Inner;

/// <summary>Rows of each table, ready to be sent.</summary>
[MemoryDiagnoser]
public class TableGeneratorBenchmarks : IDisposable
{
    private const int Users = 1000;
    private const int Transactions = 3000;
    private const int Details = 10_000;
    private readonly MixedRows _rows = new(new ShopRows(Users, Transactions, Details));

    [Benchmark(OperationsPerInvoke = Users)]
    public long UserRows() => _rows.Make("users");

    [Benchmark(OperationsPerInvoke = Transactions)]
    public long TransactionRows() => _rows.Make("transactions");

    [Benchmark(OperationsPerInvoke = Details)]
    public long DetailRows() => _rows.Make("detailed_transactions");

    [GlobalCleanup]
    public void Dispose()
    {
        _rows.Dispose();
        GC.SuppressFinalize(this);
    }
}
