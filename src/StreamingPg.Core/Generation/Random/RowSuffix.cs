using System.Numerics;
using System.Runtime.CompilerServices;

namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// What makes a text of a row unique beside its name: one of a few variants, and a number that is as short as can be without knowing the
/// rows of other batches. Two rows of a table never have the same variant and number: batch numbers are unique in a schema.
/// </summary>
/// <remarks>
/// Batch and row become one number: the batch in Elias's delta code, a prefix code in which small numbers are short (Elias: Universal
/// codeword sets, IEEE Transactions on Information Theory 21, 1975), below the row. Its lowest digits choose the variant, the others
/// are shuffled among the numbers with as many decimal digits. Rows of no batch have 32 bits of their seed instead, and a dot before the
/// number, which rows of batches do not have.
/// </remarks>
internal sealed class RowSuffix
{
    private const int SeedBits = 24;
    private const long Multiplier = 1_000_003; // a prime, so that it shares no factor with any count of decimal numbers

    // Per number of bits, so that rows one after the other look different.
    private static readonly byte[][] Shuffled =
    [
        .. Enumerable.Range(0, 9).Select(bits => new Permutation(CountedRandom.FromSeed(bits), 1 << bits)).Select(order =>
            (byte[])[.. Enumerable.Range(0, (int)order.Count).Select(variant => (byte)order.At(variant))]),
    ];

    private readonly long _code;
    private readonly int _codeLength;
    private readonly CountedRandom _seed;
    private readonly int _variantBits;
    private readonly int _shift;
    private readonly byte[] _variants;

    /// <param name="batchNumber">Number of the batch; 0 for rows that belong to none.</param>
    /// <param name="seed">The seed, which tells rows of no batch apart.</param>
    /// <param name="variantBits">Variants there are, as a power of two; 8 at most.</param>
    /// <param name="place">Place of the text among those of the person, so that they differ.</param>
    public RowSuffix(long batchNumber, long seed, int variantBits, int place = 0)
    {
        _variantBits = variantBits;
        _shift = place & ((1 << variantBits) - 1);
        _variants = Shuffled[variantBits];
        _seed = CountedRandom.FromSeed(seed).Derive("email");
        HasDot = batchNumber <= 0;
        (_code, _codeLength) = HasDot ? ((long)(_seed.Bits(0) >> 32), SeedBits) : DeltaCode(batchNumber);
    }

    /// <summary>True when a dot stands before the number.</summary>
    public bool HasDot { get; }

    /// <summary>Maximum decimal digits of a row's number, by the number of rows.</summary>
    /// <exception cref="FormatException">There are too many; the message is the reason alone.</exception>
    public int MaximumDigits(long rows)
    {
        var last = Math.Max(rows - 1, 0);
        var number = HasDot ? ((UInt128)last << SeedBits) | ((1 << SeedBits) - 1) : ((((UInt128)last << _codeLength) | (ulong)_code) >> _variantBits);
        return number > long.MaxValue
            ? throw new FormatException($"{rows} rows are too many to make their texts unique")
            : DigitsOf((long)number);
    }

    /// <summary>The variant and the number of a row; 0 for no number.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public (int Variant, long Number) Of(long row)
    {
        if (HasDot)
        {
            // The rows differ by their high bits, and those of other seeds by the low ones.
            var own = _code ^ (long)(CountedRandom.FromSeed(row).Bits(0) >> 32);
            return (_variants[(own + row) & (_variants.Length - 1)] ^ _shift, ((row << SeedBits) | (own >> 8)) + 1);
        }

        var number = (row << _codeLength) | _code;
        var variant = (int)number & (_variants.Length - 1);
        return (_variants[variant] ^ _shift, Shuffle(number >> _variantBits, variant));
    }

    /// <summary>The numbers of as many digits, in another order.</summary>
    private static long Shuffle(long number, int variant)
    {
        if (number < 10 || number >= 1L << 42)
        {
            return number;
        }

        long least = 10;
        while (least * 10 <= number)
        {
            least *= 10;
        }

        return least + ((((number - least) * Multiplier) + (variant * 7919L)) % (9 * least));
    }

    private static (long Code, int Length) DeltaCode(long number)
    {
        var bits = BitOperations.Log2((ulong)number);
        var lengthBits = BitOperations.Log2((ulong)bits + 1);
        var low = number - (1L << bits);
        var lowLength = bits + 1L - (1L << lengthBits);
        return ((1L << lengthBits) | (lowLength << (lengthBits + 1)) | (low << ((2 * lengthBits) + 1)), (2 * lengthBits) + 1 + bits);
    }

    private static int DigitsOf(long number)
    {
        var digits = 1;
        for (; number >= 10; number /= 10)
        {
            digits++;
        }

        return digits;
    }
}
