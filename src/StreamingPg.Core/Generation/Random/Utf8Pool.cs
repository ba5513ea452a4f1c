using System.Text;

namespace StreamingPg.Core.Generation.Random;

/// <summary>Distinct strings, encoded once: choosing one and writing it is a copy of its bytes.</summary>
internal sealed class Utf8Pool
{
    private readonly byte[] _bytes;
    private readonly int[] _starts;
    private readonly int _longest;

    /// <summary>Encodes the strings, at least one; order and repetitions are kept.</summary>
    public Utf8Pool(IReadOnlyList<string> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        Values = values;
        _starts = new int[values.Count + 1];
        using var bytes = new MemoryStream();
        for (var index = 0; index < values.Count; index++)
        {
            bytes.Write(Encoding.UTF8.GetBytes(values[index]));
            _starts[index + 1] = (int)bytes.Length;
        }

        _bytes = bytes.ToArray();
        _longest = values.Max(value => value.Length);
    }

    /// <summary>The strings.</summary>
    public IReadOnlyList<string> Values { get; }

    /// <summary>Number of strings.</summary>
    public int Count => Values.Count;

    /// <summary>The bytes of a string.</summary>
    public ReadOnlySpan<byte> this[int index] => _bytes.AsSpan(_starts[index], _starts[index + 1] - _starts[index]);

    /// <summary>The same strings, each cut to at most <paramref name="length"/> characters, as a column takes them.</summary>
    public Utf8Pool Fit(int? length)
    {
        return length is not { } limit || _longest <= limit
            ? this
            : new Utf8Pool([.. Values.Select(value => Cut(value, limit))]);
    }

    /// <summary>Cuts text to a number of UTF-16 units (never more characters), and not through a surrogate pair.</summary>
    public static string Cut(string value, int length)
    {
        ArgumentNullException.ThrowIfNull(value);
        if (value.Length <= length)
        {
            return value;
        }

        var end = length > 0 && char.IsHighSurrogate(value[length - 1]) ? length - 1 : length;
        return value[..end];
    }
}
