namespace StreamingPg.Tests.Integration.Report;

/// <summary>A test that looks at a page in Chromium. Where there is none it is counted as skipped, with this reason, never as passed.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class BrowserFactAttribute : FactAttribute
{
    public BrowserFactAttribute()
    {
        if (HeadlessBrowser.Program is null)
        {
            Skip = "There is no Chromium on PATH, so no page was looked at (Debian: apt-get install chromium).";
        }
    }
}
