using System.Runtime.CompilerServices;
using System.Text;

namespace StreamingPg.Core.Generation.Random;

/// <summary>
/// Randomness that is counted, not drawn: a value depends only on a key (seed, batch number, table, column) and a row index, so
/// rows can be made in any order, on any thread, again after a restart, and come out the same.
/// </summary>
/// <remarks>The mixing function is the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
/// generators, OOPSLA 2014), which passes BigCrush when it is fed a Weyl sequence, as here.</remarks>
internal readonly struct CountedRandom : IEquatable<CountedRandom>
{
    private const ulong GoldenGamma = 0x9E3779B97F4A7C15;
    private readonly ulong _key;

    private CountedRandom(ulong key) => _key = key;

    /// <summary>The stream of a seed.</summary>
    public static CountedRandom FromSeed(long seed) => new(Mix(unchecked((ulong)seed) + GoldenGamma));

    /// <summary>A stream of its own for a number, independent of this one.</summary>
    public CountedRandom Derive(long number) => new(Mix(_key ^ Mix(unchecked((ulong)number) * GoldenGamma + 1)));

    /// <summary>A stream of its own for a name, independent of this one.</summary>
    public CountedRandom Derive(string name)
    {
        // FNV-1a, 64 bits: string.GetHashCode differs from process to process.
        ArgumentNullException.ThrowIfNull(name);
        var hash = 0xCBF29CE484222325;
        foreach (var part in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ part) * 0x100000001B3;
        }

        return new(Mix(_key ^ hash));
    }

    /// <summary>64 random bits for a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Bits(long row) => Mix(_key + unchecked((ulong)row) * GoldenGamma);

    /// <summary>A number from 0 to <paramref name="count"/> - 1 for a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public long Below(long row, long count) => Scale(Bits(row), count);

    /// <summary>A number from 0 up to, but not including, 1 for a row.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public double Fraction(long row) => (Bits(row) >> 11) * (1.0 / (1UL << 53));

    /// <summary>Scales random bits to 0 .. <paramref name="count"/> - 1 (Lemire's multiplication, without rejection: the bias
    /// is below count / 2^64).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long Scale(ulong bits, long count) => (long)Math.BigMul(bits, (ulong)count, out _);

    /// <inheritdoc/>
    public bool Equals(CountedRandom other) => _key == other._key;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CountedRandom other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => _key.GetHashCode();

    /// <summary>Same stream.</summary>
    public static bool operator ==(CountedRandom left, CountedRandom right) => left.Equals(right);

    /// <summary>Another stream.</summary>
    public static bool operator !=(CountedRandom left, CountedRandom right) => !left.Equals(right);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
