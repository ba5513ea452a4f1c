using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Blocks of rows that wait: a few in memory, the rest in a temporary file that goes away by itself.</summary>
internal sealed class RowTempFile : IDisposable
{
    private const int BlocksInMemory = 16;

    private readonly List<RowBlock> _blocks = [];
    private readonly List<(int Length, int Rows)> _written = [];
    private FileStream? _file;

    /// <summary>Takes a block over.</summary>
    public void Add(RowBlock block)
    {
        _blocks.Add(block);
        if (_blocks.Count < BlocksInMemory)
        {
            return;
        }

        _file ??= Create();
        foreach (var waiting in _blocks)
        {
            _file.Write(waiting.Memory.Span);
            _written.Add((waiting.Length, waiting.Rows));
            waiting.Dispose();
        }

        _blocks.Clear();
    }

    /// <summary>The blocks as they came and in their order; each is the caller's to dispose.</summary>
    public IEnumerable<RowBlock> Take()
    {
        if (_file is { } file)
        {
            file.Position = 0;
        }

        foreach (var (length, rows) in _written)
        {
            var block = new RowBlock(length) { Length = length, Rows = rows };
            _file!.ReadExactly(block.Buffer, 0, length);
            yield return block;
        }

        foreach (var block in _blocks)
        {
            yield return block;
        }

        _blocks.Clear();
    }

    /// <summary>Rows may be private: nobody else is to read them.</summary>
    private static FileStream Create()
    {
        var options = new FileStreamOptions
        {
            Mode = FileMode.CreateNew,
            Access = FileAccess.ReadWrite,
            Options = FileOptions.DeleteOnClose,
            BufferSize = 0,
        };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FileStream(Path.Combine(Path.GetTempPath(), $"streamingpg-{Guid.NewGuid():N}.rows"), options);
    }

    public void Dispose()
    {
        _file?.Dispose();
        _blocks.ForEach(block => block.Dispose());
        _blocks.Clear();
    }
}

/// <summary>Rows of one shape, one after the other in a block.</summary>
/// <param name="Bytes">The rows in the binary COPY format.</param>
/// <param name="Rows">How many.</param>
/// <param name="Given">Columns that the input has; null means all.</param>
internal readonly record struct SegmentRows(ReadOnlyMemory<byte> Bytes, int Rows, ColumnSet? Given)
{
    /// <summary>The first rows and the others.</summary>
    public (SegmentRows First, SegmentRows Second) Split(int rows)
    {
        var reader = new RowReader(Bytes.Span);
        for (var row = 0; row < rows; row++)
        {
            reader.SkipRow();
        }

        return (
            new SegmentRows(Bytes[..reader.Position], rows, Given),
            new SegmentRows(Bytes[reader.Position..], Rows - rows, Given));
    }
}
