using System.Text;

namespace StreamingPg.Core.Checks;

/// <summary>Reads a class of a regular expression, such as <c>[A-Z_]</c>, <c>[[:digit:]]</c> or <c>[^@]</c>.</summary>
internal static class RegexClass
{
    private const string Ordinary = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

    /// <summary>Reads what follows the opening bracket, and gives the class as a pattern.</summary>
    /// <exception cref="FormatException">It is not of a simple kind.</exception>
    public static string Read(string regex, ref int position)
    {
        var negated = position < regex.Length && regex[position] == '^';
        position += negated ? 1 : 0;
        var members = new HashSet<char>();
        for (var first = true; ; first = false)
        {
            if (position >= regex.Length)
            {
                throw NotSimple();
            }

            if (regex[position] == ']' && !first)
            {
                position++;
                break;
            }

            ReadMember(regex, ref position, members);
        }

        // Of "anything but these" letters and digits are made.
        var made = negated ? Ordinary.Where(character => !members.Contains(character)) : members.Order();
        return Write([.. made]);
    }

    private static void ReadMember(string regex, ref int position, HashSet<char> members)
    {
        if (regex.AsSpan(position).StartsWith("[:"))
        {
            var end = regex.IndexOf(":]", position, StringComparison.Ordinal);
            members.UnionWith(Named(end < 0 ? throw NotSimple() : regex[(position + 2)..end]));
            position = end + 2;
            return;
        }

        if (regex[position] == '\\' && position + 1 < regex.Length && regex[position + 1] is 'd' or 'w' or 's')
        {
            members.UnionWith(regex[position + 1] switch { 'd' => Named("digit"), 'w' => Named("alnum") + "_", _ => " " });
            position += 2;
            return;
        }

        var from = ReadCharacter(regex, ref position);
        var isRange = position + 1 < regex.Length && regex[position] == '-' && regex[position + 1] != ']';
        if (!isRange)
        {
            members.Add(from);
            return;
        }

        position++;
        var to = ReadCharacter(regex, ref position);
        if (from > to || to - from > 255)
        {
            throw NotSimple();
        }

        members.UnionWith(Range(from, to));
    }

    private static char ReadCharacter(string regex, ref int position)
    {
        var character = regex[position++];
        if (character == '[' && position < regex.Length && regex[position] is ':' or '.' or '=')
        {
            throw NotSimple();
        }

        if (character != '\\')
        {
            return character;
        }

        return position < regex.Length && !char.IsAsciiLetterOrDigit(regex[position]) ? regex[position++] : throw NotSimple();
    }

    private static string Named(string name) => name switch
    {
        "digit" => Range('0', '9'),
        "lower" => Range('a', 'z'),
        "upper" => Range('A', 'Z'),
        "alpha" => Range('a', 'z') + Range('A', 'Z'),
        "alnum" => Range('0', '9') + Range('a', 'z') + Range('A', 'Z'),
        "xdigit" => Range('0', '9') + Range('a', 'f'),
        "space" or "blank" => " ",
        "punct" => "!.,;:-_",
        _ => throw NotSimple(),
    };

    private static string Range(char from, char to) =>
        string.Concat(Enumerable.Range(from, to - from + 1).Select(code => (char)code));

    /// <summary>Runs of three and more are written as ranges.</summary>
    private static string Write(List<char> members)
    {
        members.Sort();
        if (members.Count == 0 || members.Exists(char.IsControl) || members.Exists(char.IsSurrogate))
        {
            throw NotSimple();
        }

        var text = new StringBuilder("[");
        for (var index = 0; index < members.Count; index++)
        {
            var last = index;
            while (last + 1 < members.Count && members[last + 1] == members[last] + 1)
            {
                last++;
            }

            if (last - index < 2)
            {
                text.Append(SimplePattern.Literal(members[index]));
                continue;
            }

            text.Append(SimplePattern.Literal(members[index])).Append('-').Append(SimplePattern.Literal(members[last]));
            index = last;
        }

        return text.Append(']').ToString();
    }

    private static FormatException NotSimple() => new("The class is too complex.");
}
