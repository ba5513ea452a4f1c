using System.Formats.Tar;
using System.IO.Compression;
using System.Text.Json;

namespace StreamingPg.Core.Server;

/// <summary>
/// Unpacks an archive of server programs: a gzipped tar file whose files lie below <c>package/native</c>. npm keeps no symbolic
/// links, so those of the libraries are listed in <c>pg-symlinks.json</c> and made here.
/// </summary>
internal static class ArchiveUnpacker
{
    private const string Root = "package/native/";
    private const string LinkRoot = "native/";
    private const string LinkList = "pg-symlinks.json";

    /// <summary>Unpacks into a folder, which is made.</summary>
    /// <exception cref="InvalidDataException">The archive is not one of server programs.</exception>
    public static async Task UnpackAsync(string archive, string folder, CancellationToken cancellationToken)
    {
        MakeFolder(folder);
        var file = File.OpenRead(archive);
        await using (file.ConfigureAwait(false))
        {
            var unzipped = new GZipStream(file, CompressionMode.Decompress);
            await using (unzipped.ConfigureAwait(false))
            {
                var tar = new TarReader(unzipped);
                await using (tar.ConfigureAwait(false))
                {
                    await UnpackAsync(tar, folder, cancellationToken).ConfigureAwait(false);
                }
            }
        }

        if (!ServerBinaries.HasPrograms(Path.Combine(folder, "bin")))
        {
            throw new InvalidDataException("The archive lacks initdb, pg_ctl or postgres.");
        }

        MakeLinks(folder);
    }

    private static async Task UnpackAsync(TarReader tar, string folder, CancellationToken cancellationToken)
    {
        while (await tar.GetNextEntryAsync(copyData: false, cancellationToken).ConfigureAwait(false) is { } entry)
        {
            if (entry.EntryType is not (TarEntryType.RegularFile or TarEntryType.V7RegularFile)
                || !entry.Name.StartsWith(Root, StringComparison.Ordinal))
            {
                continue;
            }

            var target = Inside(folder, entry.Name[Root.Length..]);
            MakeFolder(Path.GetDirectoryName(target)!);
            await entry.ExtractToFileAsync(target, overwrite: false, cancellationToken).ConfigureAwait(false);
        }
    }

    private static void MakeLinks(string folder)
    {
        var list = Path.Combine(folder, LinkList);
        if (!File.Exists(list))
        {
            return;
        }

        using var links = JsonDocument.Parse(File.ReadAllText(list));
        foreach (var link in links.RootElement.EnumerateArray())
        {
            var source = Inside(folder, Below(link.GetProperty("source")));
            var target = Inside(folder, Below(link.GetProperty("target")));
            if (!File.Exists(target))
            {
                File.CreateSymbolicLink(target, Path.GetRelativePath(Path.GetDirectoryName(target)!, source));
            }
        }
    }

    private static string Below(JsonElement path) =>
        path.GetString() is { } text && text.StartsWith(LinkRoot, StringComparison.Ordinal)
            ? text[LinkRoot.Length..]
            : throw new InvalidDataException($"{LinkList} names a file outside {LinkRoot}.");

    /// <summary>Full path of a file of the archive, which may not lead out of the folder.</summary>
    private static string Inside(string folder, string name)
    {
        var path = Path.GetFullPath(Path.Combine(folder, name));
        return path.StartsWith(folder + Path.DirectorySeparatorChar, StringComparison.Ordinal)
            ? path
            : throw new InvalidDataException($"The archive has a file outside its folder: {name}");
    }

    /// <summary>Makes a folder that everybody can read, since root's server runs as another account.</summary>
    public static void MakeFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(
                folder,
                UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
                | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute);
        }
    }
}
