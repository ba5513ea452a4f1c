using System.Globalization;
using System.Runtime.InteropServices;
using StreamingPg.Core.Model;

namespace StreamingPg.Bench;

/// <summary>What the figures were measured on.</summary>
internal static class Machine
{
    /// <summary>Processor, cores, memory, system, .NET and how busy the machine was.</summary>
    public static string Describe()
    {
        var memory = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        return $"{Processor()}, {Environment.ProcessorCount} cores, {DisplayText.Bytes(memory)} memory, "
            + $"{RuntimeInformation.OSDescription.Trim()}, {RuntimeInformation.FrameworkDescription}{Load()}";
    }

    private static string Processor()
    {
        const string Information = "/proc/cpuinfo";
        var model = File.Exists(Information)
            ? File.ReadLines(Information).FirstOrDefault(line => line.StartsWith("model name", StringComparison.Ordinal))
            : Environment.GetEnvironmentVariable("PROCESSOR_IDENTIFIER");
        return model is null ? RuntimeInformation.ProcessArchitecture.ToString() : model[(model.IndexOf(':') + 1)..].Trim();
    }

    private static string Load()
    {
        const string LoadAverage = "/proc/loadavg";
        return File.Exists(LoadAverage)
            ? string.Create(CultureInfo.InvariantCulture, $"; load average before the run {File.ReadAllText(LoadAverage).Split(' ')[0]}")
            : "";
    }
}
