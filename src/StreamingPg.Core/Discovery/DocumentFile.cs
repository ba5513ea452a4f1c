using System.Text;

namespace StreamingPg.Core.Discovery;

/// <summary>Saves metadata documents.</summary>
internal static class DocumentFile
{
    /// <summary>Writes a document to a file, whole or not at all.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="json">The document.</param>
    /// <param name="overwrite">True to replace an existing file.</param>
    /// <param name="cancellationToken">Cancels.</param>
    /// <exception cref="StreamingException">The file already exists, or cannot be written.</exception>
    public static async Task SaveAsync(string path, string json, bool overwrite, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (!overwrite && File.Exists(path))
        {
            throw new StreamingException(
                "MetadataExists",
                StreamingErrorKind.InvalidInput,
                $"The file \"{path}\" already exists, and it may have been edited.",
                "Use another file, or -Force (streamingpg: --force) to replace it.",
                path);
        }

        var beside = $"{path}.{Guid.NewGuid():N}.tmp";
        try
        {
            await File.WriteAllTextAsync(beside, json, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken).ConfigureAwait(false);
            File.Move(beside, path, overwrite);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new StreamingException(
                "MetadataNotWritten",
                StreamingErrorKind.InvalidInput,
                $"The file \"{path}\" cannot be written: {exception.Message}",
                "Check that its folder exists and that you may write to it.",
                path,
                exception);
        }
        finally
        {
            if (File.Exists(beside))
            {
                File.Delete(beside);
            }
        }
    }
}
