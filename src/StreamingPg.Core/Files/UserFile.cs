using System.Text;

namespace StreamingPg.Core.Files;

/// <summary>Files that a user names: written whole or not at all, and what goes wrong with them as errors of ours.</summary>
internal static class UserFile
{
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
        "FileAccessFailed",
        StreamingErrorKind.Unexpected,
        "A file, or standard output, cannot be read or written",
        "Check that the disk has space and that you may use the file.",
        null,
        cause);

    /// <summary>Writes a text beside the file and then moves it there: whoever looks meanwhile sees the old file or the new one, whole.</summary>
    /// <exception cref="IOException">It cannot be written, or is there and not to be replaced.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be written.</exception>
    public static async Task WriteAsync(string path, string text, bool overwrite, CancellationToken cancellationToken)
    {
        var unfinished = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(unfinished, text, Utf8, cancellationToken).ConfigureAwait(false);
            File.Move(unfinished, path, overwrite);
        }
        finally
        {
            if (File.Exists(unfinished))
            {
                File.Delete(unfinished);
            }
        }
    }
}
