using System.Buffers;
using System.Globalization;
using System.Text;

namespace StreamingPg.Core.Export;

/// <summary>Text in UTF-8 that grows, in a pooled buffer.</summary>
internal sealed class TextBuffer : IBufferWriter<byte>, IDisposable
{
    private const int FirstSize = 256 * 1024;
    private const int LongestNumber = 64;

    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstSize);

    /// <summary>The length so far.</summary>
    public int Length { get; private set; }

    /// <summary>The text so far.</summary>
    public ReadOnlyMemory<byte> Memory => _bytes.AsMemory(0, Length);

    /// <summary>Forgets everything from a length on.</summary>
    public void Truncate(int length) => Length = length;

    /// <summary>Appends one byte.</summary>
    public void Append(byte value)
    {
        Reserve(1);
        _bytes[Length++] = value;
    }

    /// <summary>Appends bytes.</summary>
    public void Append(ReadOnlySpan<byte> bytes)
    {
        Reserve(bytes.Length);
        bytes.CopyTo(_bytes.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>Appends text.</summary>
    public void Append(string text)
    {
        Reserve(Encoding.UTF8.GetMaxByteCount(text.Length));
        Length += Encoding.UTF8.GetBytes(text, _bytes.AsSpan(Length));
    }

    /// <summary>Appends a number, or what else is written in a few characters, as the invariant culture writes it.</summary>
    public void Append<T>(T value, ReadOnlySpan<char> format = default)
        where T : IUtf8SpanFormattable
    {
        Reserve(LongestNumber);
        if (!value.TryFormat(_bytes.AsSpan(Length), out var written, format, CultureInfo.InvariantCulture))
        {
            throw new InvalidOperationException($"{value} is longer than expected.");
        }

        Length += written;
    }

    /// <summary>Appends a number with leading zeros.</summary>
    public void AppendDigits(int value, int digits)
    {
        Reserve(digits);
        for (var place = Length + digits - 1; place >= Length; place--)
        {
            _bytes[place] = (byte)('0' + (value % 10));
            value /= 10;
        }

        Length += digits;
    }

    /// <inheritdoc/>
    public void Advance(int count) => Length += count;

    /// <inheritdoc/>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _bytes.AsMemory(Length);
    }

    /// <inheritdoc/>
    public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;

    /// <inheritdoc/>
    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = [];
    }

    private void Reserve(int count)
    {
        if (_bytes.Length - Length >= count)
        {
            return;
        }

        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(2 * _bytes.Length, Length + count));
        _bytes.AsSpan(0, Length).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_bytes);
        _bytes = larger;
    }
}
