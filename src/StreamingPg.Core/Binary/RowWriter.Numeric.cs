using System.Buffers.Binary;

namespace StreamingPg.Core.Binary;

/// <content>PostgreSQL's numeric, made without .NET's decimal.</content>
internal sealed partial class RowWriter
{
    private const int NumericBase = 10_000;

    /// <summary>Writes a numeric: <paramref name="unscaled"/> / 10^<paramref name="scale"/>, with 0 to 4 digits after the point.</summary>
    /// <remarks>numeric_recv: digit count, weight of the first digit, sign, display scale (int16 each), then digits to base
    /// 10,000, without leading or trailing zeros.</remarks>
    public void WriteNumeric(long unscaled, int scale)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)scale, 4u);
        var unit = PowerOfTen(scale);
        var magnitude = unscaled < 0 ? 0 - (ulong)unscaled : (ulong)unscaled;
        var whole = magnitude / unit;
        var fraction = (magnitude - (whole * unit)) * (NumericBase / unit);

        Span<ushort> digits = stackalloc ushort[6];
        var first = digits.Length - 1;
        digits[first] = (ushort)fraction;
        while (whole > 0)
        {
            digits[--first] = (ushort)(whole % NumericBase);
            whole /= NumericBase;
        }

        var weight = digits.Length - 2 - first;
        var count = digits.Length - first;
        TrimZeros(digits, ref first, ref count, ref weight);
        WriteNumericDigits(digits.Slice(first, count), weight, unscaled < 0, scale);
    }

    /// <summary>Writes a numeric from its base-10,000 digits.</summary>
    /// <param name="digits">Digits, most significant first, no zero at either end.</param>
    /// <param name="weight">Power of 10,000 of the first digit.</param>
    /// <param name="negative">Sign.</param>
    /// <param name="scale">Digits after the point that are shown.</param>
    public void WriteNumericDigits(ReadOnlySpan<ushort> digits, int weight, bool negative, int scale)
    {
        var length = 8 + (2 * digits.Length);
        Reserve(4 + length);
        var span = _buffer.AsSpan(_position, 4 + length);
        BinaryPrimitives.WriteInt32BigEndian(span, length);
        BinaryPrimitives.WriteInt16BigEndian(span[4..], (short)digits.Length);
        BinaryPrimitives.WriteInt16BigEndian(span[6..], (short)(digits.IsEmpty ? 0 : weight));
        BinaryPrimitives.WriteUInt16BigEndian(span[8..], (ushort)(negative && !digits.IsEmpty ? 0x4000 : 0));
        BinaryPrimitives.WriteInt16BigEndian(span[10..], (short)scale);
        for (var index = 0; index < digits.Length; index++)
        {
            BinaryPrimitives.WriteUInt16BigEndian(span[(12 + (2 * index))..], digits[index]);
        }

        _position += 4 + length;
    }

    /// <summary>Writes a numeric without digits, of which its sign says all: not a number, or infinite.</summary>
    /// <param name="sign">The sign as numeric_recv takes it.</param>
    public void WriteNumericSign(int sign)
    {
        var start = BeginField();
        Append([0, 0, 0, 0, (byte)(sign >> 8), (byte)sign, 0, 0]);
        EndField(start);
    }

    private static void TrimZeros(ReadOnlySpan<ushort> digits, ref int first, ref int count, ref int weight)
    {
        while (count > 0 && digits[first] == 0)
        {
            first++;
            count--;
            weight--;
        }

        while (count > 0 && digits[first + count - 1] == 0)
        {
            count--;
        }
    }

    private static ulong PowerOfTen(int exponent) => exponent switch
    {
        0 => 1,
        1 => 10,
        2 => 100,
        3 => 1_000,
        _ => 10_000,
    };
}
