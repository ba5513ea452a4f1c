using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Loading;

/// <summary>Blocks of rows that wait: a few in memory, the rest in a temporary file that goes away by itself.</summary>
internal sealed class RowSpool : IDisposable
{
    private const int BlocksInMemory = 16;

    private readonly List<RowBlock> _blocks = [];
    private FileStream? _file;

    /// <summary>Takes a block over.</summary>
    public void Add(RowBlock block)
    {
        _blocks.Add(block);
        if (_blocks.Count < BlocksInMemory)
        {
            return;
        }

        _file ??= new FileStream(
            Path.Combine(Path.GetTempPath(), $"streamingpg-{Guid.NewGuid():N}.rows"),
            new FileStreamOptions
            {
                Mode = FileMode.CreateNew,
                Access = FileAccess.ReadWrite,
                Options = FileOptions.DeleteOnClose,
                BufferSize = 0,
            });
        foreach (var waiting in _blocks)
        {
            _file.Write(waiting.Memory.Span);
            waiting.Dispose();
        }

        _blocks.Clear();
    }

    /// <summary>The blocks in the order they came; each is the caller's to dispose. Rows of the file may be cut anywhere: the
    /// server takes them as a stream.</summary>
    public IEnumerable<RowBlock> Take()
    {
        if (_file is { } file)
        {
            file.Position = 0;
            while (true)
            {
                var block = new RowBlock();
                block.Length = file.Read(block.Buffer, 0, RowBlock.DefaultSize);
                if (block.Length == 0)
                {
                    block.Dispose();
                    break;
                }

                yield return block;
            }
        }

        foreach (var block in _blocks)
        {
            yield return block;
        }

        _blocks.Clear();
    }

    public void Dispose()
    {
        _file?.Dispose();
        _blocks.ForEach(block => block.Dispose());
        _blocks.Clear();
    }
}
