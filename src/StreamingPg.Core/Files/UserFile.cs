using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace StreamingPg.Core.Files;

/// <summary>
/// Files that a user names: a regular file is written whole or not at all, a device or a pipe is written to and never replaced, and what
/// goes wrong with them becomes an error of ours.
/// </summary>
internal static class UserFile
{
    private static readonly string[] DeviceFolders = ["/dev/", "/proc/", "/sys/", @"\\.\"];

    // Memory as a file system: its files are like those of a disk.
    private const string SharedMemory = "/dev/shm/";

    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    /// <summary>True for what goes wrong with a file: its path, its folder, the rights to it, its disk.</summary>
    public static bool IsError(Exception exception) => exception is IOException or UnauthorizedAccessException;

    /// <summary>The error for a file.</summary>
    /// <param name="errorId">Stable id.</param>
    /// <param name="kind">What kind of thing went wrong.</param>
    /// <param name="problem">What failed and on which file; the cause follows after a colon.</param>
    /// <param name="remedy">What to do, a sentence.</param>
    /// <param name="path">The file; null for standard input and the like.</param>
    /// <param name="cause">What went wrong.</param>
    public static StreamingException Error(
        string errorId, StreamingErrorKind kind, string problem, string remedy, string? path, Exception cause) =>
        new(errorId, kind, $"{problem}: {cause.Message.TrimEnd('.')}.", remedy, path, cause);

    /// <summary>The error for a file of which nothing more is known.</summary>
    public static StreamingException Error(Exception cause) => Error(
        ErrorIds.FileAccessFailed,
        StreamingErrorKind.Unexpected,
        "A file or standard output cannot be read or written",
        "Check for free disk space, and that you may use the file.",
        null,
        cause);

    /// <summary>A name as the name of a file: what no file system takes is replaced, and a number tells apart what would become the same.</summary>
    public static string SafeName(string name)
    {
        const string Unsafe = "<>:\"/\\|?*";
        var safe = string.Concat(name.Select(character => char.IsControl(character) || Unsafe.Contains(character, StringComparison.Ordinal) ? '_' : character));
        return safe == name && name is not ("." or "..") && !name.EndsWith('.') && !name.EndsWith(' ')
            ? name
            : $"{safe.TrimEnd('.', ' ')}~{Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";
    }

    /// <summary>True for a path, whole and without links, of a device, or of what a process has open.</summary>
    public static bool IsDevice(string path) => !path.StartsWith(SharedMemory, StringComparison.Ordinal)
        && Array.Exists(DeviceFolders, folder => path.StartsWith(folder, StringComparison.Ordinal));

    /// <summary>True for a path of a regular file, also of one that does not exist yet; false for a device or a pipe.</summary>
    public static bool IsRegular(string path)
    {
        var target = Target(path);
        if (IsDevice(target))
        {
            return false;
        }

        return OperatingSystem.IsWindows() || !File.Exists(target) || new FileInfo(target).Length > 0 || IsRegularByTest(target);
    }

    // .NET does not tell a pipe from an empty file, and opening a pipe to find out would end whoever waits at its other end.
    private static bool IsRegularByTest(string target)
    {
        try
        {
            using var test = Process.Start(new ProcessStartInfo("test") { ArgumentList = { "-f", target } });
            test!.WaitForExit();
            return test.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return true; // there is no such program, as in the smallest containers
        }
    }

    /// <summary>The path itself, or what a symbolic link leads to in the end.</summary>
    public static string Target(string path)
    {
        var full = Path.GetFullPath(path);
        try
        {
            return IsDevice(full)
                ? full
                : File.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
        }
        catch (IOException)
        {
            return full; // there is no such file yet, or the link leads nowhere
        }
    }

    /// <summary>Writes text to a path. Readers of a regular file see the old text or the new one, whole; links stay and lead to the new text.</summary>
    /// <exception cref="IOException">It cannot be written, or is there and must not be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">The account may not write there.</exception>
    public static async Task WriteAsync(string path, string text, bool overwrite, CancellationToken cancellationToken)
    {
        if (!IsRegular(path))
        {
            // Opening a pipe waits until somebody reads it.
            await Task.Run(
                () =>
                {
                    using var device = new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
                    device.Write(Utf8.GetBytes(text));
                },
                CancellationToken.None).WaitAsync(cancellationToken).ConfigureAwait(false);
            return;
        }

        var target = Target(path);
        var unfinished = $"{target}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(unfinished, text, Utf8, cancellationToken).ConfigureAwait(false);
            File.Move(unfinished, target, overwrite);
        }
        finally
        {
            File.Delete(unfinished);
        }
    }
}
