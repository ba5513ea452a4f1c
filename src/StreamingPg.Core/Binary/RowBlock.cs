using System.Buffers;

namespace StreamingPg.Core.Binary;

/// <summary>Whole rows of one table in PostgreSQL's binary COPY format, in a pooled buffer.</summary>
internal sealed class RowBlock : IDisposable
{
    /// <summary>Bytes of a block: large enough that a message to the server is cheap, small enough to stay in the cache.</summary>
    public const int DefaultSize = 128 * 1024;

    private byte[]? _buffer;

    /// <summary>Rents a buffer.</summary>
    public RowBlock(int size = DefaultSize) => _buffer = ArrayPool<byte>.Shared.Rent(size);

    /// <summary>The buffer; only the first <see cref="Length"/> bytes are rows.</summary>
    public byte[] Buffer => _buffer ?? throw new ObjectDisposedException(nameof(RowBlock));

    /// <summary>Bytes in use.</summary>
    public int Length { get; set; }

    /// <summary>Rows in the block.</summary>
    public int Rows { get; set; }

    /// <summary>The bytes in use.</summary>
    public ReadOnlyMemory<byte> Memory => Buffer.AsMemory(0, Length);

    /// <summary>Forgets the rows and keeps the buffer.</summary>
    public void Clear() => (Length, Rows) = (0, 0);

    /// <summary>Makes the buffer at least <paramref name="size"/> bytes long and keeps what is in it.</summary>
    public void Grow(int size)
    {
        var larger = ArrayPool<byte>.Shared.Rent(size);
        Buffer.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(Buffer);
        _buffer = larger;
    }

    /// <summary>Gives the buffer back to the pool.</summary>
    public void Dispose()
    {
        if (_buffer is { } buffer)
        {
            _buffer = null;
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
