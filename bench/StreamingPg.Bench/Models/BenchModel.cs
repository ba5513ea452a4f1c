using StreamingPg.Core.Loading;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench.Models;

/// <summary>Tables that are measured beside the default ones, and how many rows of each.</summary>
/// <param name="Name">Name in the table of results.</param>
/// <param name="Model">The tables.</param>
/// <param name="Rows">Rows per table.</param>
internal sealed record BenchModel(string Name, StreamModel Model, IReadOnlyDictionary<string, long> Rows)
{
    private const long Seed = 42;

    /// <summary>Rows of all tables.</summary>
    public long Total => Rows.Values.Sum();

    /// <summary>Where examples/shop.json is.</summary>
    public static string ShopFile => Path.Combine(AppContext.BaseDirectory, "Models", "shop.json");

    /// <summary>examples/shop.json: composite keys, a cycle, a tree, shared parents, counted children.</summary>
    /// <param name="total">About how many rows, in the proportions of its metadata.</param>
    public static BenchModel Shop(long total)
    {
        var model = MetadataReader.Load(ShopFile);
        var once = BatchRows.Of(model, new Dictionary<string, long>(), Seed).Values.Sum();
        var asked = AskedOf(model, total / once);
        return new BenchModel("shop.json", model, BatchRows.Of(model, asked, Seed));
    }

    /// <summary>The rows of each table whose number does not follow from its parents.</summary>
    public static IReadOnlyDictionary<string, long> AskedOf(StreamModel model, long times) => model.Tables
        .Where(table => table.RowsPerBatch is not null)
        .ToDictionary(table => table.Name, table => table.RowsPerBatch!.Value * times, StringComparer.Ordinal);

    /// <summary>200 tables with as many rows each.</summary>
    public static BenchModel Product(long rowsEach)
    {
        var model = ProductSchema.Make();
        return new BenchModel("200 tables", model, model.Tables.ToDictionary(table => table.Name, _ => rowsEach, StringComparer.Ordinal));
    }

    /// <summary>The options of a batch of them.</summary>
    public BatchOptions Options(int parallel) => new() { Rows = Rows, Parallel = parallel, Seed = Seed };
}
