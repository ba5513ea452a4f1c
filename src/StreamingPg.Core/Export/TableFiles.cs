using System.IO.Compression;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Files;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Export;

/// <summary>The file of a table's rows, or its files one after the other. They get their names together, when the whole export is complete.</summary>
internal abstract class TableFiles : IAsyncDisposable
{
    private const string Unfinished = ".unfinished";

    private readonly ExportOptions _options;
    private readonly List<ExportedFile> _complete = [];
    private FileStream? _stream;
    private bool _areNamed;
    private long _rows;

    /// <summary>No file yet.</summary>
    protected TableFiles(TableModel table, ExportOptions options)
    {
        Table = table;
        _options = options;
    }

    /// <summary>The files that are complete.</summary>
    public IReadOnlyList<ExportedFile> Complete => _complete;

    /// <summary>The table.</summary>
    protected TableModel Table { get; }

    /// <summary>The file that is being written.</summary>
    protected FileStream Stream => _stream ?? throw new InvalidOperationException("No file is open.");

    /// <summary>The files of a table.</summary>
    public static TableFiles Of(TableModel table, ExportOptions options) =>
        options.Format == ExportFormat.Parquet ? new ParquetFiles(table, options) : new TextFiles(table, options);

    /// <summary>The names that files of a table have, as a pattern of the file system.</summary>
    public static IEnumerable<string> Earlier(TableModel table, ExportOptions options)
    {
        var name = FileName(table);
        return Directory.Exists(options.Folder)
            ? Directory.EnumerateFiles(options.Folder, name + "*" + options.Extension)
                .Where(file => Path.GetFileName(file)[name.Length..^options.Extension.Length] is var part
                    && (part.Length == 0 || (part[0] == '-' && part.Length > 1 && part.AsSpan(1).IndexOfAnyExceptInRange('0', '9') < 0)))
            : [];
    }

    /// <summary>Writes the rows of a block, which is disposed.</summary>
    public async Task WriteAsync(RowBlock block, CancellationToken cancellationToken)
    {
        var counted = new SharedBlock(block);
        try
        {
            for (var done = 0; done < block.Rows;)
            {
                await OpenAsync(cancellationToken).ConfigureAwait(false);
                var take = (int)Math.Min(block.Rows - done, (_options.RowsPerFile ?? long.MaxValue) - _rows);
                await AddAsync(counted.Use(), done, take, cancellationToken).ConfigureAwait(false);
                done += take;
                _rows += take;
                if (_rows == _options.RowsPerFile)
                {
                    await CloseAsync(cancellationToken).ConfigureAwait(false);
                }
            }
        }
        finally
        {
            counted.Dispose();
        }
    }

    /// <summary>Completes the last file; a table without rows has one, too.</summary>
    public async Task CompleteAsync(CancellationToken cancellationToken)
    {
        if (_complete.Count == 0)
        {
            await OpenAsync(cancellationToken).ConfigureAwait(false);
        }

        await CloseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives the complete files their names; files of an earlier export that have them are replaced.</summary>
    public void Name()
    {
        _complete.ForEach(file => File.Move(file.Path + Unfinished, file.Path, overwrite: true));
        _areNamed = true;
    }

    /// <summary>Removes the files that have no names yet.</summary>
    public async ValueTask DisposeAsync()
    {
        await AbandonAsync().ConfigureAwait(false);
        if (_stream is { } stream)
        {
            _stream = null;
            await stream.DisposeAsync().ConfigureAwait(false);
            File.Delete(stream.Name);
        }

        if (!_areNamed)
        {
            _complete.ForEach(file => File.Delete(file.Path + Unfinished));
        }
    }

    /// <summary>Begins a file.</summary>
    protected abstract Task BeginAsync(CancellationToken cancellationToken);

    /// <summary>Takes some rows of a block.</summary>
    protected abstract Task AddAsync(SharedBlock block, int skip, int take, CancellationToken cancellationToken);

    /// <summary>Writes what is left of a file.</summary>
    protected abstract Task EndAsync(CancellationToken cancellationToken);

    /// <summary>Gives up what is left of a file.</summary>
    protected abstract ValueTask AbandonAsync();

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        if (_stream is not null)
        {
            return;
        }

        var number = _options.RowsPerFile is null ? "" : $"-{_complete.Count + 1:0000}";
        var path = Path.Combine(_options.Folder, FileName(Table) + number + _options.Extension) + Unfinished;

        // Create empties a file, even a new one, and what was emptied ext4 writes to the disk while it is closed: a sixth of the time of 10 million rows.
        var mode = File.Exists(path) ? FileMode.Create : FileMode.CreateNew;
        _stream = new FileStream(path, mode, FileAccess.Write, FileShare.Read, bufferSize: 0, FileOptions.Asynchronous);
        _rows = 0;
        await BeginAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task CloseAsync(CancellationToken cancellationToken)
    {
        if (_stream is not { } stream)
        {
            return;
        }

        await EndAsync(cancellationToken).ConfigureAwait(false);
        var bytes = stream.Length;
        _stream = null;
        await stream.DisposeAsync().ConfigureAwait(false);
        var path = stream.Name[..^Unfinished.Length];
        _complete.Add(new ExportedFile { Table = Table.Name, Path = path, Rows = _rows, Bytes = bytes });
    }

    // A table may have any name, a file may not.
    private static string FileName(TableModel table) => UserFile.SafeName(table.Name);
}

/// <summary>A block that is given back when nobody uses it any more.</summary>
internal sealed class SharedBlock(RowBlock block) : IDisposable
{
    private int _users = 1;

    /// <summary>The block.</summary>
    public RowBlock Block => block;

    /// <summary>One more user, who disposes it.</summary>
    public SharedBlock Use()
    {
        Interlocked.Increment(ref _users);
        return this;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (Interlocked.Decrement(ref _users) == 0)
        {
            block.Dispose();
        }
    }
}

/// <summary>Files of text: several threads format blocks, which are written in their order.</summary>
internal sealed class TextFiles : TableFiles
{
    // Enough that nobody waits for the one who writes: one for each processor is 6 % slower.
    private static readonly int BlocksAtATime = (2 * Environment.ProcessorCount) + 4;

    private readonly RowFormatter _formatter;
    private readonly ExportCompression _compression;
    private readonly Queue<Task<TextBuffer>> _formatting = new();

    /// <summary>No file yet.</summary>
    public TextFiles(TableModel table, ExportOptions options)
        : base(table, options)
    {
        _formatter = RowFormatter.Of(table, options.Format);
        _compression = options.Compression;
    }

    /// <inheritdoc/>
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        var header = new TextBuffer();
        _formatter.Begin(header);
        return EnqueueAsync(Task.FromResult(Compressed(header)), cancellationToken);
    }

    /// <inheritdoc/>
    protected override Task AddAsync(SharedBlock block, int skip, int take, CancellationToken cancellationToken) => EnqueueAsync(
        Task.Run(
            () =>
            {
                using (block)
                {
                    var text = new TextBuffer();
                    _formatter.Append(text, block.Block, skip, take);
                    return Compressed(text);
                }
            },
            CancellationToken.None),
        cancellationToken);

    /// <inheritdoc/>
    protected override async Task EndAsync(CancellationToken cancellationToken)
    {
        while (_formatting.Count > 0)
        {
            await WriteOldestAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <inheritdoc/>
    protected override async ValueTask AbandonAsync()
    {
        while (_formatting.TryDequeue(out var text))
        {
            await Task.WhenAny(text).ConfigureAwait(false);
            if (text.IsCompletedSuccessfully)
            {
                text.Result.Dispose();
            }
        }
    }

    private async Task EnqueueAsync(Task<TextBuffer> text, CancellationToken cancellationToken)
    {
        _formatting.Enqueue(text);
        while (_formatting.Count > BlocksAtATime)
        {
            await WriteOldestAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WriteOldestAsync(CancellationToken cancellationToken)
    {
        using var text = await _formatting.Dequeue().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();

        // On a thread of the pool already: another one for each piece would cost more than the writing.
        Stream.Write(text.Memory.Span);
    }

    /// <summary>Each block is a member (gzip) or frame (zstd) of its own: both formats say that several in a row are one text.</summary>
    private TextBuffer Compressed(TextBuffer text)
    {
        if (_compression == ExportCompression.None)
        {
            return text;
        }

        using (text)
        {
            var compressed = new TextBuffer();
            if (text.Length > 0)
            {
                using Stream stream = _compression == ExportCompression.Gzip
                    ? new GZipStream(new BufferStream(compressed), CompressionLevel.Fastest)
                    : new ZstdSharp.CompressionStream(new BufferStream(compressed), level: 3, leaveOpen: false);
                stream.Write(text.Memory.Span);
            }

            return compressed;
        }
    }

    /// <summary>A stream that only appends.</summary>
    private sealed class BufferStream(TextBuffer buffer) : Stream
    {
        public override bool CanRead => false;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => buffer.Length;

        public override long Position
        {
            get => buffer.Length;
            set => throw new NotSupportedException();
        }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] bytes, int offset, int count) => buffer.Append(bytes.AsSpan(offset, count));

        public override void Write(ReadOnlySpan<byte> bytes) => buffer.Append(bytes);
    }
}
