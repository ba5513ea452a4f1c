using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Schema;

namespace StreamingPg.Tests.Net8;

/// <summary>An import of many users, in a process of its own, because it shows how much memory an import keeps.</summary>
internal static class ImportRun
{
    /// <summary>A line: the rows that were imported, and by how many bytes the heap was larger at its peak than after the first rows.</summary>
    public static async IAsyncEnumerable<string> RunAsync(DatabaseConnection connection, int rows, ConflictAction onConflict)
    {
        var model = MetadataReader.Default;
        await SchemaInitializer.InitializeAsync(connection, model, planOnly: false, CancellationToken.None);
        await using var importer = await RowImporter.BeginAsync(
            connection, model, new ImportOptions { OnConflict = onConflict }, CancellationToken.None);
        var users = model.Table("users");
        var values = new object?[] { null, "A name", "a@example.com", 40, "A city", new DateTime(2024, 1, 1) };
        long start = 0, peak = 0;
        for (var row = 0; row < rows; row++)
        {
            if (row % 100_000 == 50_000)
            {
                var heap = GC.GetTotalMemory(forceFullCollection: true);
                start = start == 0 ? heap : start;
                peak = Math.Max(peak, heap);
            }

            values[0] = Guid.NewGuid();
            importer.Add(users, values);
        }

        var result = (await importer.CompleteAsync(CancellationToken.None)).Single();
        yield return $"{result.Rows} {peak - start}";
    }
}
