using System.Globalization;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>What the command line knows of cultures: those of the machine's ICU, which slim containers do not have.</summary>
internal static class CultureData
{
    // .NET 10 loads any of these; the first is Windows' own.
    private const int OldestIcu = 60;
    private const int NewestIcu = 99;

    /// <summary>Does without cultures where there is no ICU: .NET would end the process. Runs before anything asks for a culture.</summary>
    [ModuleInitializer]
    [System.Diagnostics.CodeAnalysis.SuppressMessage("Usage", "CA2255", Justification = "Main is too late: its first string may need a culture.")]
    internal static void Choose()
    {
        if (OperatingSystem.IsLinux() && !HasIcu())
        {
            AppContext.SetSwitch("System.Globalization.Invariant", true);
        }
    }

    /// <summary>Output is the same whatever the machine's language.</summary>
    public static void Prepare()
    {
        CultureInfo.DefaultThreadCurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        CultureInfo.DefaultThreadCurrentUICulture = CultureInfo.InvariantCulture;
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
    }

    private static bool HasIcu()
    {
        if (IsThere("libicuuc.so"))
        {
            return true;
        }

        for (var version = NewestIcu; version >= OldestIcu; version--)
        {
            if (IsThere(NameOf(version)))
            {
                return true;
            }
        }

        return false;
    }

    // Digit by digit: already CultureInfo.InvariantCulture ends the process where there is no ICU.
    private static string NameOf(int version) => "libicuuc.so." + (char)('0' + (version / 10)) + (char)('0' + (version % 10));

    private static bool IsThere(string library)
    {
        if (!NativeLibrary.TryLoad(library, out var handle))
        {
            return false;
        }

        NativeLibrary.Free(handle);
        return true;
    }
}
