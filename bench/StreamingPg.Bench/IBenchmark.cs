namespace StreamingPg.Bench;

/// <summary>Measures one row of the table, or a few that share their measurements.</summary>
internal interface IBenchmark
{
    /// <summary>Numbers of the rows.</summary>
    IReadOnlyList<int> Rows { get; }

    /// <summary>Measures; the context says which of the rows are wanted.</summary>
    Task<IReadOnlyList<Finding>> RunAsync(BenchContext context, CancellationToken cancellationToken);
}
