using BenchmarkDotNet.Attributes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Loading.Import;

namespace StreamingPg.Bench.Inner;

/// <summary>Fields in the binary COPY format, a thousand at a time.</summary>
[MemoryDiagnoser]
public class RowWriterBenchmarks : IDisposable
{
    private const int Fields = 1000;
    private readonly RowBlock _block = new();
    private readonly RowWriter _writer;

    public RowWriterBenchmarks() => _writer = new RowWriter(_block);

    [Benchmark(OperationsPerInvoke = Fields)]
    public int Integer()
    {
        _writer.DropRow();
        for (var field = 0; field < Fields; field++)
        {
            _writer.WriteInt32(field);
        }

        return _writer.Position;
    }

    [Benchmark(OperationsPerInvoke = Fields)]
    public int Numeric()
    {
        _writer.DropRow();
        for (var field = 0; field < Fields; field++)
        {
            _writer.WriteNumeric(123_456 + field, 2);
        }

        return _writer.Position;
    }

    [Benchmark(OperationsPerInvoke = Fields)]
    public int EncodedText()
    {
        _writer.DropRow();
        for (var field = 0; field < Fields; field++)
        {
            _writer.WriteBytes("Josephine Hernandez"u8);
        }

        return _writer.Position;
    }

    [Benchmark(OperationsPerInvoke = Fields)]
    public int Text()
    {
        _writer.DropRow();
        for (var field = 0; field < Fields; field++)
        {
            _writer.WriteText("Josephine Hernandez");
        }

        return _writer.Position;
    }

    [Benchmark(OperationsPerInvoke = Fields)]
    public int Uuid()
    {
        _writer.DropRow();
        for (var field = 0; field < Fields; field++)
        {
            _writer.WriteUuid(0x0193_1C3A_0B00_7000, (ulong)field);
        }

        return _writer.Position;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _block.Dispose();
        GC.SuppressFinalize(this);
    }
}
