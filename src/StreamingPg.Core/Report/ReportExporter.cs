using StreamingPg.Core.Connections;
using StreamingPg.Core.Files;
using StreamingPg.Core.Model;
using StreamingPg.Core.Report.Charts;

namespace StreamingPg.Core.Report;

/// <summary>Writes a report on the tables as one HTML file.</summary>
internal static class ReportExporter
{
    /// <summary>Reads the tables in read-only transactions, and writes the file when everything has been read.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="model">The tables.</param>
    /// <param name="options">What the report shows.</param>
    /// <param name="path">The file; its folder must be there.</param>
    /// <param name="overwrite">True to replace an existing file.</param>
    /// <param name="progress">Gets what is being read; may be null.</param>
    /// <param name="cancellationToken">Cancels; no file is left then.</param>
    /// <exception cref="StreamingException">The server refused a query, or the file cannot be written.</exception>
    public static async Task ExportAsync(
        DatabaseConnection connection,
        StreamModel model,
        ReportOptions options,
        string path,
        bool overwrite,
        IProgress<string>? progress,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentException.ThrowIfNullOrEmpty(path);
        CheckPath(path, overwrite);
        var data = await new ReportReader(connection, model, options, progress).ReadAsync(cancellationToken).ConfigureAwait(false);
        await WriteAsync(Render(data), path, overwrite, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The page.</summary>
    internal static string Render(ReportData data)
    {
        using var text = new StringWriter { NewLine = "\n" };
        using (var page = new MarkupWriter(text))
        {
            new ReportPage(data, page).Write();
        }

        return text.ToString();
    }

    /// <summary>Said before minutes of reading, not after.</summary>
    private static void CheckPath(string path, bool overwrite)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(path));
        if (Directory.Exists(path) || !Directory.Exists(folder))
        {
            throw CannotWrite(path, Directory.Exists(path) ? "it is a folder" : $"there is no folder \"{folder}\"", null);
        }

        if (!overwrite && File.Exists(path) && UserFile.IsRegular(path))
        {
            throw new StreamingException(
                ErrorIds.ReportExists,
                StreamingErrorKind.InvalidInput,
                $"The file \"{path}\" already exists.",
                "Use another path, or omit -NoClobber (--no-clobber) to replace it.",
                path);
        }
    }

    private static async Task WriteAsync(string text, string path, bool overwrite, CancellationToken cancellationToken)
    {
        try
        {
            await UserFile.WriteAsync(path, text, overwrite, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            throw CannotWrite(path, exception.Message, exception);
        }
    }

    private static StreamingException CannotWrite(string path, string reason, Exception? cause) => new(
        ErrorIds.ReportNotWritten,
        StreamingErrorKind.InvalidInput,
        $"The report cannot be written to \"{path}\": {reason.TrimEnd('.')}.",
        "Use a path in an existing folder that you may write to.",
        path,
        cause);
}
