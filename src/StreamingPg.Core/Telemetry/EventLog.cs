using System.Collections.Concurrent;
using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Files;

namespace StreamingPg.Core.Telemetry;

/// <summary>
/// Writes events to a file, a JSON object per line. A file that has become too large is put aside with a number. A log never decides
/// what becomes of the work it tells of: what cannot be written is a warning.
/// </summary>
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
    private readonly DeviceWriter? _device;
    private FileStream? _file;
    private long _limit;
    private bool _failing;

    /// <summary>Opens the log, which is written on at its end.</summary>
    /// <param name="path">Its file, whose folder must exist; or a device or a pipe, which is never put aside.</param>
    /// <param name="warn">Gets told when it cannot be written later on.</param>
    /// <param name="maxBytes">Size from which the file is put aside.</param>
    /// <exception cref="StreamingException">The file cannot be written.</exception>
    public EventLog(string path, Action<string> warn, long maxBytes = DefaultMaxBytes)
    {
        _path = path;
        _warn = warn;
        _maxBytes = maxBytes;
        _limit = maxBytes;
        try
        {
            if (UserFile.IsRegular(path))
            {
                _path = UserFile.Target(path);
                _file = Open();
            }
            else
            {
                _device = new DeviceWriter(path);
            }
        }
        catch (Exception exception) when (UserFile.IsError(exception) || exception is ArgumentException or NotSupportedException)
        {
            throw UserFile.Error(
                ErrorIds.LogNotWritable,
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
            if (_device is not null)
            {
                Note(_device.Write(line));
                return;
            }

            try
            {
                _file ??= Open();
                if (_file.Length >= _limit)
                {
                    Rotate();
                }

                _file.Write(line);
                _file.Flush();
                Note(null);
            }
            catch (Exception exception) when (UserFile.IsError(exception))
            {
                Note(exception.Message);
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        try
        {
            _file?.Dispose();
            if (_device is not null)
            {
                _device.Dispose();
                Note(_device.Problem);
            }
        }
        catch (IOException exception)
        {
            Note(exception.Message); // what could not be written is tried once more
        }
    }

    // Warns when writing begins to fail, once.
    private void Note(string? problem)
    {
        if (problem is not null && !_failing)
        {
            _warn($"The log \"{_path}\" cannot be written: {problem.TrimEnd('.')}. Events are not logged until this works again.");
        }

        _failing = problem is not null;
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

    // Open files can be moved on Unix only, so the old one is closed first.
    [System.Diagnostics.CodeAnalysis.MemberNotNull(nameof(_file))]
    private void Rotate()
    {
        _file?.Dispose();
        _file = null;
        try
        {
            for (var number = FilesKept; number > 1; number--)
            {
                if (File.Exists($"{_path}.{number - 1}"))
                {
                    File.Move($"{_path}.{number - 1}", $"{_path}.{number}", overwrite: true);
                }
            }

            if (File.Exists(_path))
            {
                File.Move(_path, $"{_path}.1", overwrite: true);
            }

            _limit = _maxBytes;
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            // Tried again when it has grown by as much once more.
            _limit = new FileInfo(_path).Length + _maxBytes;
            _warn($"The log \"{_path}\" cannot be rotated, so it keeps growing: {exception.Message}");
        }

        _file = Open();
    }
}

/// <summary>Writes to a device or a pipe on a thread of its own, because nobody may be there to read it.</summary>
internal sealed class DeviceWriter : IDisposable
{
    private const int LinesWaiting = 1000;
    private const string NobodyReads = "nobody reads it";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    private readonly BlockingCollection<byte[]> _lines = new(LinesWaiting);
    private readonly Thread _thread;
    private readonly FileStream _device;
    private volatile string? _error;

    /// <exception cref="IOException">The device cannot be opened.</exception>
    public DeviceWriter(string path)
    {
        _device = Open(path);
        _thread = new Thread(WriteAll) { IsBackground = true, Name = "event log" };
        _thread.Start();
    }

    /// <summary>Why the latest lines were not written; null when they were.</summary>
    public string? Problem { get; private set; }

    /// <summary>Hands a line on.</summary>
    /// <returns>Why lines are not written at present, or null.</returns>
    public string? Write(byte[] line) => Problem = _lines.TryAdd(line) ? _error : NobodyReads;

    /// <summary>Waits a moment for what is still to be written.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        if (!_thread.Join(Patience))
        {
            Problem = NobodyReads; // the thread ends with the process
            return;
        }

        Problem = _error;
        _device.Dispose();
        _lines.Dispose();
    }

    // Opened for both, a pipe waits for no reader. Some devices can only be written.
    private static FileStream Open(string path)
    {
        try
        {
            return new FileStream(path, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
        }
        catch (Exception exception) when (UserFile.IsError(exception))
        {
            return new FileStream(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        }
    }

    private void WriteAll()
    {
        foreach (var line in _lines.GetConsumingEnumerable())
        {
            try
            {
                _device.Write(line);
                _error = null;
            }
            catch (Exception exception) when (exception is IOException or ObjectDisposedException)
            {
                _error = exception.Message;
            }
        }
    }
}
