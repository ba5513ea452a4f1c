using System.CommandLine;
using BenchmarkDotNet.Running;
using StreamingPg.Bench;
using StreamingPg.Bench.Inner;

var only = new Option<int[]?>("--only")
{
    Description = "Rows of the table to measure, such as 1,4 [default: all]",
    HelpName = "rows",
    CustomParser = result =>
    {
        var rows = new List<int>();
        foreach (var part in result.Tokens.SelectMany(token => token.Value.Split(',')))
        {
            if (int.TryParse(part, out var row) && BenchRun.AllRows.Contains(row))
            {
                rows.Add(row);
            }
            else
            {
                result.AddError($"--only takes rows of the table, 1 to {BenchRun.AllRows[^1]}, with commas between; not \"{part}\".");
            }
        }

        return [.. rows];
    },
};
var quick = new Option<bool>("--quick") { Description = "Small sizes, done in three minutes; the figures are a hint only" };
var grownRows = new Option<long?>("--rows") { Description = "Rows of the tables that have grown, for rows 5, 10, 11 and 17", HelpName = "number" };
grownRows.Validators.Add(result =>
{
    if (result.GetValueOrDefault<long?>() < 1_400)
    {
        result.AddError("--rows is 1400 or more.");
    }
});
var folder = new Option<DirectoryInfo>("--folder")
{
    Description = "Folder for the throw-away server, on a disk with room for its tables and 8 GB of WAL",
    DefaultValueFactory = _ => new DirectoryInfo(Path.GetTempPath()),
    HelpName = "path",
}.AcceptExistingOnly();
var inner = new Option<bool>("--inner") { Description = "Measure the generator's inner loops by BenchmarkDotNet instead" };

var command = new RootCommand("Measures StreamingPg side by side with what it competes with, on a server of its own.")
{
    only, quick, grownRows, folder, inner,
};
command.SetAction(async (parsed, cancellationToken) =>
{
    if (parsed.GetValue(inner))
    {
        var summaries = BenchmarkSwitcher.FromAssembly(typeof(BenchRun).Assembly).RunAll(InnerLoops.Config);
        return summaries.All(summary => !summary.HasCriticalValidationErrors && summary.Reports.All(report => report.Success)) ? 0 : 1;
    }

    var options = new BenchOptions
    {
        // Without the option the value is an empty list.
        Rows = parsed.GetValue(only) is { Length: > 0 } rows ? rows : [.. BenchRun.AllRows],
        IsQuick = parsed.GetValue(quick),
        GrownRows = parsed.GetValue(grownRows),
        Folder = parsed.GetRequiredValue(folder).FullName,
    };
    return await BenchRun.RunAsync(options, cancellationToken);
});
return await command.Parse(args).InvokeAsync();
