using System.Text;

namespace StreamingPg.Core.Generation.Random;

/// <summary>Sets of characters in patterns: <c>[a-z_]</c>, <c>[^0-9]</c>, <c>\d</c>. Their complements are taken among the printable
/// characters of ASCII.</summary>
internal static class PatternClass
{
    private const int MostCharacters = 10_000;

    /// <summary>The printable characters of ASCII.</summary>
    public static IReadOnlyList<Rune> Printable { get; } = [.. Range(' ', '~')];

    private static IEnumerable<Rune> Digits => Range('0', '9');

    private static IEnumerable<Rune> Letters => Range('A', 'Z').Concat(Range('a', 'z'));

    private static IEnumerable<Rune> WordCharacters => Digits.Concat(Letters).Append(new Rune('_'));

    /// <summary>Reads a class whose bracket is open.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="at">The place after the bracket; moves behind the closing one.</param>
    public static IReadOnlyCollection<Rune> Parse(Rune[] pattern, ref int at)
    {
        var isComplement = at < pattern.Length && pattern[at].Value == '^';
        at += isComplement ? 1 : 0;
        var characters = new HashSet<Rune>();
        for (var start = at; at >= pattern.Length || pattern[at].Value != ']' || at == start;)
        {
            if (at >= pattern.Length)
            {
                throw new FormatException("a class is not closed by \"]\"");
            }

            var set = Member(pattern, ref at);
            if (set.Count == 1 && at + 1 < pattern.Length && pattern[at].Value == '-' && pattern[at + 1].Value != ']')
            {
                at++;
                set = Between(set[0], Member(pattern, ref at));
            }

            characters.UnionWith(set);
        }

        at++;
        var result = isComplement ? [.. Printable.Where(character => !characters.Contains(character))] : characters;
        return result.Count > 0 ? result : throw new FormatException("a class is empty");
    }

    /// <summary>Reads what follows a backslash.</summary>
    public static IReadOnlyList<Rune> Escape(Rune[] pattern, ref int at)
    {
        if (at >= pattern.Length)
        {
            throw new FormatException("it ends with a backslash");
        }

        var character = pattern[at++];
        return character.Value switch
        {
            'd' => [.. Digits],
            'w' => [.. WordCharacters],
            's' => [new Rune(' ')],
            'D' => [.. Printable.Except(Digits)],
            'W' => [.. Printable.Except(WordCharacters)],
            'S' => [.. Printable.Skip(1)],
            't' => [new Rune('\t')],
            'n' => [new Rune('\n')],
            _ when Rune.IsLetterOrDigit(character) => throw new FormatException($"\"\\{character}\" is not supported"),
            _ => [character],
        };
    }

    private static IReadOnlyList<Rune> Member(Rune[] pattern, ref int at)
    {
        var character = pattern[at++];
        return character.Value == '\\' ? Escape(pattern, ref at) : [character];
    }

    private static List<Rune> Between(Rune first, IReadOnlyList<Rune> last)
    {
        if (last is not [var end] || end < first || end.Value - first.Value >= MostCharacters)
        {
            throw new FormatException($"a class has a range from \"{first}\" without an end");
        }

        return [.. Enumerable.Range(first.Value, end.Value - first.Value + 1).Where(Rune.IsValid).Select(value => new Rune(value))];
    }

    private static IEnumerable<Rune> Range(char first, char last) =>
        Enumerable.Range(first, last - first + 1).Select(value => new Rune(value));
}
