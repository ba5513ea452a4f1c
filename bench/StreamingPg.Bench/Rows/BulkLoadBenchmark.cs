namespace StreamingPg.Bench.Rows;

/// <summary>Rows 1 to 3: a bulk batch into empty tables, against the server's own COPY from a file of the same rows.</summary>
internal sealed class BulkLoadBenchmark : IBenchmark
{
    public IReadOnlyList<int> Rows => [1, 2, 3];

    public async Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken)
    {
        var findings = new List<Finding>();
        foreach (var withIndexes in (bool[])[false, true])
        {
            await using var tables = await BulkLoadTables.MakeAsync(context, withIndexes, cancellationToken);
            findings.AddRange(await tables.MeasureAsync(cancellationToken));
        }

        return [.. findings.OrderBy(finding => finding.Row)];
    }
}
