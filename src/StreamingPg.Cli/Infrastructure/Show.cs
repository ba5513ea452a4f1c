using System.Globalization;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Figures as people read them.</summary>
internal static class Show
{
    private static readonly string[] Units = ["B", "kB", "MB", "GB", "TB", "PB"];

    /// <summary>A count with thousands separated.</summary>
    public static string Count(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A duration in milliseconds or seconds.</summary>
    public static string Duration(TimeSpan value) => value.TotalSeconds < 1
        ? string.Create(CultureInfo.InvariantCulture, $"{value.TotalMilliseconds:0.0} ms")
        : string.Create(CultureInfo.InvariantCulture, $"{value.TotalSeconds:0.00} s");

    /// <summary>A size in the largest unit (of 1024) that leaves a number of at least 1.</summary>
    public static string Bytes(long bytes)
    {
        double value = bytes;
        var unit = 0;
        while (value >= 1024 && unit < Units.Length - 1)
        {
            value /= 1024;
            unit++;
        }

        return string.Create(CultureInfo.InvariantCulture, $"{value:0.#} {Units[unit]}");
    }
}
