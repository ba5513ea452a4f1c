using StreamingPg.Core.Connections;

namespace StreamingPg.Core.Export;

/// <summary>Where exported rows go, and how they are written.</summary>
internal sealed record ExportOptions
{
    /// <summary>The folder; it is made if it does not exist.</summary>
    public required string Folder { get; init; }

    /// <summary>Format of the files.</summary>
    public ExportFormat Format { get; init; }

    /// <summary>Compression of the files. That of Parquet is part of its format.</summary>
    public ExportCompression Compression { get; init; }

    /// <summary>Maximum rows of a file; null writes one file per table.</summary>
    public long? RowsPerFile { get; init; }

    /// <summary>True to replace the files of an earlier export.</summary>
    public bool Overwrite { get; init; }

    /// <summary>How long the server may take for a table when nothing else is asked.</summary>
    public static TimeSpan DefaultStatementTimeout { get; } = ReadOnlySession.DefaultStatementTimeout;

    /// <summary>The end of the names of the files.</summary>
    public string Extension => "." + Format.ToString().ToLowerInvariant() + (Format == ExportFormat.Parquet ? "" : Compression switch
    {
        ExportCompression.Gzip => ".gz",
        ExportCompression.Zstd => ".zst",
        _ => "",
    });

    /// <summary>Rejects what does not go together.</summary>
    /// <exception cref="StreamingException">Rows per file are out of range, or the format has no such compression.</exception>
    public void Check()
    {
        if (RowsPerFile < 1)
        {
            throw new StreamingException(
                ErrorIds.OptionOutOfRange,
                StreamingErrorKind.InvalidInput,
                $"{RowsPerFile} rows per file are out of range.",
                "Use 1 or more.",
                RowsPerFile);
        }
    }
}
