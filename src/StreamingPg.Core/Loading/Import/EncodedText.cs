using System.Text;

namespace StreamingPg.Core.Loading.Import;

/// <summary>Decodes a stream, and refuses bytes that its encoding does not have, with their place. A byte-order mark goes before the
/// encoding that was named.</summary>
internal sealed class EncodedText : TextReader
{
    private const int Size = 1 << 16;
    private const int LongestMark = 4;

    private readonly Stream _stream;
    private readonly byte[] _bytes = new byte[Size];
    private readonly char[] _chars = new char[Size + 16];
    private readonly Encoding _encoding;
    private readonly Decoder _decoder;
    private int _first;
    private int _waiting;
    private long _decoded;
    private long _lines = 1;
    private int _at;
    private int _end;
    private bool _isAtEnd;

    /// <param name="stream">Closed with this reader.</param>
    /// <param name="encoding">The encoding of a stream without a byte-order mark.</param>
    public EncodedText(Stream stream, Encoding encoding)
    {
        _stream = stream;
        while (_waiting < LongestMark && _stream.Read(_bytes, _waiting, LongestMark - _waiting) is > 0 and var read)
        {
            _waiting += read;
        }

        var mark = InputEncoding.OfByteOrderMark(_bytes.AsSpan(0, _waiting));
        _first = mark?.Length ?? 0;
        _waiting -= _first;
        _decoded = _first;
        _encoding = mark?.Encoding ?? encoding;
        _decoder = _encoding.GetDecoder();
    }

    /// <inheritdoc/>
    public override int Peek() => _at < _end || Fill() ? _chars[_at] : -1;

    /// <inheritdoc/>
    public override int Read() => _at < _end || Fill() ? _chars[_at++] : -1;

    /// <inheritdoc/>
    public override int Read(char[] buffer, int index, int count) => Read(buffer.AsSpan(index, count));

    /// <inheritdoc/>
    public override int Read(Span<char> buffer)
    {
        if (_at == _end && !Fill())
        {
            return 0;
        }

        var count = Math.Min(buffer.Length, _end - _at);
        _chars.AsSpan(_at, count).CopyTo(buffer);
        _at += count;
        return count;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _stream.Dispose();
        }

        base.Dispose(disposing);
    }

    private bool Fill()
    {
        (_at, _end) = (0, 0);
        while (_end == 0 && !_isAtEnd)
        {
            if (_waiting == 0)
            {
                (_first, _waiting) = (0, _stream.Read(_bytes));
                _isAtEnd = _waiting == 0;
            }

            var bytes = _bytes.AsSpan(_first, _waiting);
            try
            {
                _end = _decoder.GetChars(bytes, _chars, flush: _isAtEnd);
            }
            catch (DecoderFallbackException exception)
            {
                throw Undecodable(bytes, exception);
            }

            _decoded += bytes.Length;
            _lines += _chars.AsSpan(0, _end).Count('\n');
            _waiting = 0;
        }

        return _end > 0;
    }

    private StreamingException Undecodable(ReadOnlySpan<byte> bytes, DecoderFallbackException exception)
    {
        var before = bytes[..Math.Clamp(exception.Index, 0, bytes.Length)];
        var found = string.Join(' ', (exception.BytesUnknown ?? []).Select(value => $"0x{value:X2}"));
        return new StreamingException(
            ErrorIds.InputEncodingInvalid,
            StreamingErrorKind.InvalidInput,
            $"The input is not {_encoding.WebName}: byte {found} at position {_decoded + exception.Index}, in line {_lines + before.Count((byte)'\n')}.",
            "Set its encoding with -Encoding (--encoding), such as windows-1252. Nothing was imported.",
            null,
            exception);
    }
}
