using BenchmarkDotNet.Attributes;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Bench.Inner;

/// <summary>What a column costs per row that agrees with others of its row (docs/metadata.md), a thousand rows at a time.</summary>
[MemoryDiagnoser]
public class EntityBenchmarks : IDisposable
{
    private const int Rows = 1000;
    private readonly RowBlock _block = new();
    private TableGenerator? _generator;
    private RowWriter? _writer;
    private int _column;

    /// <summary>The columns; each stands in one table with all the others.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "first_name", "last_name", "full_name", "gender", "user_name", "email", "birth_date", "age", "phone", "city", "state", "zip", "country", "country_code",
        "latitude", "longitude", "time_zone", "phone_prefix", "currency", "iban", "bic", "vat_number", "card_brand", "card_number", "card_expiry",
        "product_name", "department", "sku", "price",
    ];

    [ParamsSource(nameof(Columns))]
    public string Column { get; set; } = "";

    [GlobalSetup]
    public void SetUp()
    {
        var columns = string.Join(", ", Columns.Select(name => $"\"{name}\": {{\"type\": \"{TypeOf(name)}\"}}"));
        var plan = new BatchPlan
        {
            Model = MetadataReader.Parse($$"""{"t": {"columns": {"id": {"type": "UUID", "primary_key": true}, {{columns}} } } }"""),
            Seed = 42,
            BatchNumber = 1000,
            ReferenceTime = BatchPlan.FixedReferenceTime,
            KeyTime = 0,
            Locale = "de",
            Rows = new Dictionary<string, long> { ["t"] = Rows },
        };
        _generator = new BatchGenerator(plan, 0).Table("t");
        _writer = new RowWriter(_block);
        _column = plan.Model.Table("t").IndexOf(Column);
    }

    [Benchmark(OperationsPerInvoke = Rows)]
    public int Write()
    {
        _block.Clear();
        _writer!.Use(_block);
        var column = _generator!.Columns[_column];
        for (var row = 0; row < Rows; row++)
        {
            column.Write(_writer, row);
        }

        return _writer.Position;
    }

    [GlobalCleanup]
    public void Dispose()
    {
        _block.Dispose();
        GC.SuppressFinalize(this);
    }

    private static string TypeOf(string column) => column switch
    {
        "age" => "INTEGER",
        "birth_date" => "DATE",
        "latitude" or "longitude" => "DOUBLE PRECISION",
        "price" => "DECIMAL(10,2)",
        _ => "TEXT",
    };
}
