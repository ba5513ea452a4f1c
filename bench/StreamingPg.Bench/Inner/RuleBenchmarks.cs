using BenchmarkDotNet.Attributes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Rules;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Inner;

/// <summary>Values that rules of metadata make, a thousand at a time.</summary>
[MemoryDiagnoser]
public class RuleBenchmarks : IDisposable
{
    private const int Rows = 1000;

    private static readonly Dictionary<string, string> Columns = new()
    {
        ["values"] = """{"type": "TEXT", "values": {"paid": 7, "open": 2}}""",
        ["template"] = """{"type": "TEXT", "template": "INV-{year}-{seq:00000}"}""",
        ["expression, numbers"] = """{"type": "DECIMAL(10,2)", "expression": "net * rate / 100"}""",
        ["expression, text"] = """{"type": "TEXT", "expression": "upper(left(name, 3)) || '-' || status"}""",
        ["when, three conditions"] = """
            {"type": "TEXT", "when": [{"if": "net > 900", "value": "large"}, {"if": "status = 'open'", "value": "open"}, {"if": "rate > 10", "value": "high"}], "values": ["-"]}
            """,
        ["properties, four"] = """
            {"type": "JSONB", "properties": {"channel": {"type": "TEXT", "enum": ["web", "shop"]}, "size": {"type": "INTEGER"}, "city": {"type": "TEXT"}, "seen": {"type": "BOOLEAN"}}}
            """,
        ["own generator"] = """{"type": "TEXT", "generator": "bench.code"}""",
    };

    private readonly RowBlock _block = new();
    private readonly RowWriter _writer;
    private ColumnGenerator? _column;
    private long _from;

    public RuleBenchmarks() => _writer = new RowWriter(_block);

    /// <summary>The rules.</summary>
    public static IEnumerable<string> Rules => Columns.Keys;

    /// <summary>The rule to measure.</summary>
    [ParamsSource(nameof(Rules))]
    public string Rule { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var own = new OwnGenerators();
        own.Add(new Code());
        var json = """
            {"invoices": {"columns": {"id": {"type": "UUID", "primary_key": true}, "net": {"type": "DECIMAL(10,2)", "min": 1, "max": 1000},
            "rate": {"type": "INTEGER", "values": [7, 19]}, "status": {"type": "TEXT", "values": ["paid", "open"]}, "name": {"type": "TEXT", "generator": "company.name"},
            "at": {"type": "TIMESTAMP"}, "measured":
            """ + Columns[Rule] + "}}}";
        var plan = PlanMaker.Make(
            MetadataReader.Parse(json, own: own), GenerationSettings.From(1, null, TimeProvider.System), "en", new Dictionary<string, long> { ["invoices"] = 2 * Rows });
        _column = new BatchGenerator(plan, 0).Table("invoices").Columns[^1];
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Value()
    {
        _writer.DropRow();
        _from = Rows - _from; // another block each time
        for (var row = _from; row < _from + Rows; row++)
        {
            _column!.Write(_writer, row);
        }

        return _writer.Position;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _block.Dispose();
        GC.SuppressFinalize(this);
    }

    private sealed class Code : IStreamingGenerator
    {
        public string Name => "bench.code";

        public string Description => "a code";

        public IReadOnlyList<object?> Generate(GeneratorRows rows, Random random) => [.. rows.Select(_ => $"R-{random.Next(100_000, 999_999)}")];
    }
}
