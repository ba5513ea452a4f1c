using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Tests.Unit.Generation;

/// <summary>All rows of a batch, made by the generators that loading uses and read back.</summary>
internal sealed class GeneratedRows
{
    private readonly Dictionary<string, List<object?[]>> _rows = [];

    private GeneratedRows(BatchPlan plan) => Plan = plan;

    public BatchPlan Plan { get; }

    public static BatchPlan PlanOf(
        long users,
        long transactions,
        long details,
        long seed = 1,
        long batchNumber = 1,
        StreamModel? model = null,
        IReadOnlyDictionary<string, ExistingRows>? existing = null)
    {
        var settings = GenerationSettings.From(seed, null, TimeProvider.System);
        return new BatchPlan
        {
            Model = model ?? MetadataReader.Default,
            Seed = seed,
            BatchNumber = batchNumber,
            ReferenceTime = settings.ReferenceTime,
            KeyTime = settings.KeyTime(batchNumber),
            Rows = new Dictionary<string, long> { ["users"] = users, ["transactions"] = transactions, ["detailed_transactions"] = details },
            Existing = existing ?? new Dictionary<string, ExistingRows>(),
            SequenceValues = new Dictionary<string, SequenceValues> { ["detailed_transactions"] = new(1001, 1) },
        };
    }

    public static GeneratedRows Of(BatchPlan plan)
    {
        var generated = new GeneratedRows(plan);
        for (var part = 0; part < plan.Chunks; part++)
        {
            var generator = new BatchGenerator(plan, part);
            foreach (var table in plan.Model.Tables)
            {
                using var block = Bytes(generator, table);
                generated.Table(table.Name).AddRange(Decode(table, block));
            }
        }

        return generated;
    }

    /// <summary>The rows of a table, one array of values per row.</summary>
    public List<object?[]> Table(string name) =>
        _rows.TryGetValue(name, out var rows) ? rows : _rows[name] = [];

    /// <summary>One column of a table.</summary>
    public IEnumerable<object?> Column(string table, string column)
    {
        var index = Plan.Model.Table(table).Columns.ToList().FindIndex(candidate => candidate.Name == column);
        return Table(table).Select(row => row[index]);
    }

    /// <summary>One column of a table without NULLs.</summary>
    public IEnumerable<TValue> Column<TValue>(string table, string column) => Column(table, column).Select(value => (TValue)value!);

    /// <summary>The rows of a part of a table as they go to the server.</summary>
    public static RowBlock Bytes(BatchGenerator generator, TableModel table)
    {
        var range = generator.Rows(table);
        var block = new RowBlock(4096 + (int)(range.Count * 512));
        Assert.Equal(Math.Max(range.From, range.To), generator.Table(table.Name).Fill(new RowWriter(block), range.From, range.To));
        return block;
    }

    private static List<object?[]> Decode(TableModel table, RowBlock block)
    {
        var rows = new List<object?[]>(block.Rows);
        var reader = new RowReader(block);
        while (reader.NextRow())
        {
            var values = new object?[table.Columns.Count];
            for (var column = 0; column < values.Length; column++)
            {
                var field = reader.NextField(out var isNull);
                values[column] = isNull ? null : FieldCodec.Read(table.Columns[column].Type, field);
            }

            rows.Add(values);
        }

        return rows;
    }
}
