using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Telemetry;

/// <summary>Writes events to a file, a JSON object per line. A file that has become too large is put aside with a number.</summary>
/// <remarks>For one writer: each process needs a file of its own.</remarks>
internal sealed class EventLog : IProgress<BatchEvent>, IDisposable
{
    /// <summary>A file larger than this is put aside.</summary>
    public const long DefaultMaxBytes = 10 * 1024 * 1024;

    /// <summary>Files put aside: <c>path.1</c> is the latest. Older ones are deleted.</summary>
    public const int FilesKept = 5;

    private readonly object _sync = new();
    private readonly string _path;
    private readonly long _maxBytes;
    private readonly Action<string> _warn;
    private FileStream _file;
    private bool _failing;

    /// <summary>Opens the log, which is written on at its end.</summary>
    /// <param name="path">Its file; the folder must exist.</param>
    /// <param name="warn">Gets told when the file cannot be written later on: no batch is to fail for that.</param>
    /// <param name="maxBytes">Size from which the file is put aside.</param>
    /// <exception cref="StreamingException">The file cannot be written.</exception>
    public EventLog(string path, Action<string> warn, long maxBytes = DefaultMaxBytes)
    {
        _path = path;
        _warn = warn;
        _maxBytes = maxBytes;
        try
        {
            _file = Open();
        }
        catch (Exception exception) when (UserFile.IsError(exception) || exception is ArgumentException or NotSupportedException)
        {
            throw UserFile.Error(
                "LogNotWritable",
                StreamingErrorKind.InvalidInput,
                $"The log \"{path}\" cannot be written",
                "Use another file; each process needs its own.",
                path,
                exception);
        }
    }

    /// <inheritdoc/>
    public void Report(BatchEvent value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var line = Line(value);
        lock (_sync)
        {
            try
            {
                if (_file.CanSeek && _file.Length >= _maxBytes)
                {
                    Rotate();
                }

                _file.Write(line);
                _file.Flush();
                _failing = false;
            }
            catch (Exception exception) when (UserFile.IsError(exception))
            {
                WarnOnce(exception);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file.Dispose();
        }
        catch (IOException exception)
        {
            // What could not be written is tried once more. A log never decides what becomes of the work it tells of.
            WarnOnce(exception);
        }
    }

    private void WarnOnce(Exception exception)
    {
        if (!_failing)
        {
            _warn($"The log \"{_path}\" cannot be written: {exception.Message} Events are not logged until this works again.");
        }

        _failing = true;
    }

    private static byte[] Line(BatchEvent value)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("time", value.Time.UtcDateTime);
            writer.WriteString("event", value.Name);
            if (value.BatchId is { } batch)
            {
                writer.WriteString("batch_id", batch);
            }

            foreach (var (name, figure) in value.Figures)
            {
                writer.WritePropertyName(name);
                ValueText.WriteJson(writer, figure);
            }

            if (value.Error is { } error)
            {
                writer.WriteStartObject("error");
                writer.WriteString("id", error.ErrorId);
                writer.WriteString("sqlstate", error.SqlState);
                writer.WriteString("message", error.Message);
                writer.WriteEndObject();
            }

            writer.WriteString("text", value.Text);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private FileStream Open() => new(_path, FileMode.Append, FileAccess.Write, FileShare.Read);

    private void Rotate()
    {
        for (var number = FilesKept; number > 1; number--)
        {
            if (File.Exists($"{_path}.{number - 1}"))
            {
                File.Move($"{_path}.{number - 1}", $"{_path}.{number}", overwrite: true);
            }
        }

        // Open files can be moved on Unix only, so the old one is closed first; should opening fail, it is tried again with the next event.
        _file.Dispose();
        if (File.Exists(_path))
        {
            File.Move(_path, $"{_path}.1", overwrite: true);
        }

        _file = Open();
    }
}
