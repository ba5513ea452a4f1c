using System.Globalization;

namespace StreamingPg.Core.Server;

/// <summary>How far a download is.</summary>
/// <param name="Archive">What is downloaded, such as <c>PostgreSQL 17.10</c>.</param>
/// <param name="BytesDone">Bytes that are here.</param>
/// <param name="BytesTotal">Bytes of the whole archive, or null when its source does not say.</param>
internal sealed record DownloadProgress(string Archive, long BytesDone, long? BytesTotal)
{
    private const double Megabyte = 1_000_000;

    /// <summary>Percent that are here, or null when the size is unknown.</summary>
    public int? Percent => BytesTotal is > 0 ? (int)(100 * Math.Min(BytesDone, BytesTotal.Value) / BytesTotal.Value) : null;

    /// <summary>One line for people.</summary>
    public override string ToString() => BytesTotal is { } total
        ? string.Create(CultureInfo.InvariantCulture, $"Downloading {Archive}: {BytesDone / Megabyte:0.0} of {total / Megabyte:0.0} MB, {Percent} %")
        : string.Create(CultureInfo.InvariantCulture, $"Downloading {Archive}: {BytesDone / Megabyte:0.0} MB");
}
