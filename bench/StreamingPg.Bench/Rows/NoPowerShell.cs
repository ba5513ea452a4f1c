namespace StreamingPg.Bench.Rows;

/// <summary>What is said of a row that needs PowerShell where there is none.</summary>
internal static class NoPowerShell
{
    public static Finding Finding(int row, string work) => new()
    {
        Row = row,
        Work = work,
        Verdict = Verdict.NotRun,
        Details = "no pwsh on the PATH",
    };
}
