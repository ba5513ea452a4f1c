namespace StreamingPg.Soak;

/// <summary>A clock of its own for a process, by libfaketime (Debian's package faketime).</summary>
/// <param name="File">The file that says how far it is from the machine's clock.</param>
/// <param name="Environment">What the process is started with.</param>
internal sealed record FakeClock(string File, IReadOnlyDictionary<string, string> Environment)
{
    private const string Library = "/usr/lib/x86_64-linux-gnu/faketime/libfaketimeMT.so.1";

    /// <summary>A clock; null where libfaketime is not installed.</summary>
    public static FakeClock? Create(string folder)
    {
        if (!System.IO.File.Exists(Library))
        {
            return null;
        }

        var file = Path.Combine(folder, "clock");
        System.IO.File.WriteAllText(file, "+0");
        return new FakeClock(file, new Dictionary<string, string>
        {
            ["LD_PRELOAD"] = Library,
            ["FAKETIME_TIMESTAMP_FILE"] = file,
            ["FAKETIME_CACHE_DURATION"] = "1",
            ["FAKETIME_DONT_FAKE_MONOTONIC"] = "1", // time that only goes on is not set by anybody
            ["FAKETIME_FORCE_MONOTONIC_FIX"] = "0", // else timed waits return at once, and two threads of .NET spin
        });
    }
}
