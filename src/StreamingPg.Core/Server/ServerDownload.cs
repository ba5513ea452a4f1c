using System.Security.Cryptography;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Server;

/// <summary>Downloads server programs once, and keeps them in the user's data folder.</summary>
/// <param name="folder">Folder that they are kept in, one folder for each archive.</param>
/// <param name="source">Where they come from.</param>
internal sealed class ServerDownload(string folder, ServerSource source)
{
    /// <summary>Folder that the programs of this user are kept in; null when he has no data folder.</summary>
    public static string? DefaultFolder => UserFolder.Of("programs");

    /// <summary>Folders of programs (<c>bin</c>) that were downloaded, newest first.</summary>
    /// <param name="folder">Folder that they are kept in.</param>
    /// <param name="other">An archive that is not one of the known ones, or null.</param>
    public static IEnumerable<string> Downloaded(string folder, ServerArchive? other = null) =>
        (other is null ? ServerArchive.OfThisPlatform() : [other])
            .OrderByDescending(archive => archive.Major)
            .Select(archive => Path.Combine(folder, archive.FolderName, "bin"))
            .Where(Directory.Exists);

    /// <summary>Makes sure that the programs are there.</summary>
    /// <param name="archive">Which.</param>
    /// <param name="progress">Is told how far the download is, or null.</param>
    /// <param name="cancellationToken">Cancels; the next call goes on where this one ended.</param>
    /// <returns>The folder of the programs.</returns>
    /// <exception cref="StreamingException">They cannot be downloaded, or are not what they should be.</exception>
    public async Task<string> FetchAsync(ServerArchive archive, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var final = Path.Combine(folder, archive.FolderName);
        try
        {
            ArchiveUnpacker.MakeFolder(folder);
            using var held = await FolderLock.TakeAsync(
                final + ".lock", $"downloading {archive.Name}", TimeProvider.System, cancellationToken).ConfigureAwait(false);
            if (!Directory.Exists(final))
            {
                var file = final + ".tgz";
                await TransferAsync(archive, file, progress, cancellationToken).ConfigureAwait(false);
                await PutInPlaceAsync(file, final, cancellationToken).ConfigureAwait(false);
                File.Delete(file);
            }
        }
        catch (Exception exception) when (UserFile.IsError(exception) || exception is InvalidDataException)
        {
            throw UserFile.Error(
                ErrorIds.ServerDownloadNotKept,
                StreamingErrorKind.PermissionDenied,
                $"{archive.Name} could not be saved in {folder}",
                "Free disk space or make the folder writable, and try again.",
                folder,
                exception);
        }

        return Path.Combine(final, "bin");
    }

    /// <summary>Brings the archive and compares its checksum. An archive whose first part came from an earlier attempt gets a second chance.</summary>
    private async Task TransferAsync(ServerArchive archive, string file, IProgress<DownloadProgress>? progress, CancellationToken cancellationToken)
    {
        var address = source.AddressOf(archive);
        var transfer = new ArchiveTransfer(source, archive.Name, progress);
        while (true)
        {
            var resumed = await transfer.RunAsync(address, file, cancellationToken).ConfigureAwait(false);
            if (await ChecksumAsync(file, cancellationToken).ConfigureAwait(false) == archive.Sha512)
            {
                return;
            }

            File.Delete(file);
            if (!resumed)
            {
                throw new StreamingException(
                    ErrorIds.ServerDownloadCorrupt,
                    StreamingErrorKind.Unexpected,
                    $"The download from {address} is not {archive.Name}: its SHA-512 checksum differs. It was deleted.",
                    $"Try again. If it fails again, a proxy or the mirror in {ServerSource.Variable} modifies the file.",
                    address);
            }
        }
    }

    /// <summary>The programs get their final name when they are whole: no half of them is ever used.</summary>
    private static async Task PutInPlaceAsync(string file, string final, CancellationToken cancellationToken)
    {
        var unfinished = final + ".new";
        if (Directory.Exists(unfinished))
        {
            Directory.Delete(unfinished, recursive: true);
        }

        await ArchiveUnpacker.UnpackAsync(file, unfinished, cancellationToken).ConfigureAwait(false);
        Directory.Move(unfinished, final);
    }

    private static async Task<string> ChecksumAsync(string file, CancellationToken cancellationToken)
    {
        var stream = File.OpenRead(file);
        await using (stream.ConfigureAwait(false))
        {
            return Convert.ToBase64String(await SHA512.HashDataAsync(stream, cancellationToken).ConfigureAwait(false));
        }
    }
}
