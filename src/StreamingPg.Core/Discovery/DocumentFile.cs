using StreamingPg.Core.Files;

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
        if (!overwrite && File.Exists(path) && UserFile.IsRegular(path))
        {
            throw new StreamingException(
                ErrorIds.MetadataExists,
                StreamingErrorKind.InvalidInput,
                $"The file \"{path}\" already exists, and it may have been edited.",
                "Use another file, or -Force (streamingpg: --force) to replace it.",
                path);
        }

        try
        {
            await UserFile.WriteAsync(path, json, overwrite, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw UserFile.Error(
                ErrorIds.MetadataNotWritten,
                StreamingErrorKind.InvalidInput,
                $"The file \"{path}\" cannot be written",
                "Check that its folder exists and that you may write to it.",
                path,
                exception);
        }
    }
}
