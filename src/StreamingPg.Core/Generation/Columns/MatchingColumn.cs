using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Texts as the name of a column suggests them, where a CHECK allows them; else others, which it allows in any case.</summary>
internal sealed partial class MatchingColumn : ColumnGenerator
{
    private const int ShortText = 256;
    private const int FirstOfRune = 0xC0;
    private const int InsideRune = 0x80;

    private readonly ColumnGenerator _named;
    private readonly ColumnGenerator _otherwise;
    private readonly TextTest _isAllowed;

    private MatchingColumn(ColumnGenerator named, ColumnGenerator otherwise, TextTest isAllowed)
    {
        _named = named;
        _otherwise = otherwise;
        _isAllowed = isAllowed;
    }

    public override bool IsUnique => _named.IsUnique && _otherwise.IsUnique;

    /// <summary>The texts that match; the others alone where .NET does not read the regular expression.</summary>
    /// <param name="named">What the name suggests.</param>
    /// <param name="otherwise">Texts that match in any case.</param>
    /// <param name="regex">The regular expression of the CHECK, of a simple kind.</param>
    public static ColumnGenerator Of(ColumnGenerator named, ColumnGenerator otherwise, string regex)
    {
        try
        {
            // Without backtracking the time is bounded by the length of the text, and no limit in seconds decides what a row has.
            var expression = new Regex(
                Classes().Replace(regex, match => ClassOf(match.Groups[1].Value)), RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
            return new MatchingColumn(named, otherwise, text => IsMatch(expression, text));
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            return otherwise;
        }
    }

    /// <summary>The texts of at least a number of characters.</summary>
    public static MatchingColumn OfLength(ColumnGenerator named, ColumnGenerator otherwise, int least) =>
        new(named, otherwise, text => CharactersOf(text) >= least);

    /// <summary>Those of the texts that are listed.</summary>
    public static MatchingColumn OfTexts(ColumnGenerator named, ColumnGenerator otherwise, IEnumerable<string> texts)
    {
        byte[][] listed = [.. texts.Select(Encoding.UTF8.GetBytes)];
        return new(named, otherwise, text => IsOneOf(listed, text));
    }

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.Position;
        _named.Write(writer, row);
        if (writer.IsNullAt(start) || !_isAllowed(writer.FieldAt(start)))
        {
            writer.Return(start);
            _otherwise.Write(writer, row);
        }
    }

    private static bool IsMatch(Regex regex, ReadOnlySpan<byte> text)
    {
        Span<char> characters = text.Length <= ShortText ? stackalloc char[ShortText] : new char[text.Length];
        return regex.IsMatch(characters[..Encoding.UTF8.GetChars(text, characters)]);
    }

    private static bool IsOneOf(byte[][] listed, ReadOnlySpan<byte> text)
    {
        foreach (var one in listed)
        {
            if (text.SequenceEqual(one))
            {
                return true;
            }
        }

        return false;
    }

    private static int CharactersOf(ReadOnlySpan<byte> text)
    {
        var count = 0;
        foreach (var unit in text)
        {
            count += (unit & FirstOfRune) == InsideRune ? 0 : 1;
        }

        return count;
    }

    private delegate bool TextTest(ReadOnlySpan<byte> text);

    private static string ClassOf(string name) => name switch
    {
        "alnum" => "a-zA-Z0-9",
        "alpha" => "a-zA-Z",
        "digit" => "0-9",
        "lower" => "a-z",
        "upper" => "A-Z",
        "xdigit" => "0-9a-fA-F",
        "space" or "blank" => @"\s",
        "punct" => @"!-/:-@\[-`{-~",
        _ => throw new ArgumentException($"There is no class of characters \"{name}\".", nameof(name)),
    };

    [GeneratedRegex(@"\[:(\w+):\]", RegexOptions.CultureInvariant)]
    private static partial Regex Classes();
}

/// <summary>Any of a great number of values, of which two rows hardly ever have the same one.</summary>
/// <param name="random">Random stream of the column.</param>
/// <param name="values">The values.</param>
internal sealed class AnyOfManyColumn(CountedRandom random, IIndexed values) : ColumnGenerator
{
    private readonly long _count = values.Count;

    public override bool IsUnique => true;

    public override void Write(RowWriter writer, long row) => values.WriteIndex(writer, random.Below(row, _count), row);
}
