using System.Text;
using System.Text.RegularExpressions;
using StreamingPg.Core.Binary;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Texts as the name of a column suggests them, where a CHECK matches them; else texts of the CHECK's own pattern.</summary>
internal sealed partial class MatchingColumn : ColumnGenerator
{
    private static readonly TimeSpan MatchTimeout = TimeSpan.FromMilliseconds(100);

    private readonly ColumnGenerator _named;
    private readonly ColumnGenerator _otherwise;
    private readonly Regex _regex;

    private MatchingColumn(ColumnGenerator named, ColumnGenerator otherwise, Regex regex)
    {
        _named = named;
        _otherwise = otherwise;
        _regex = regex;
    }

    /// <summary>The texts; those of the pattern alone where .NET does not read the regular expression.</summary>
    /// <param name="named">What the name suggests.</param>
    /// <param name="otherwise">Texts that match in any case.</param>
    /// <param name="regex">The regular expression of the CHECK, of a simple kind.</param>
    public static ColumnGenerator Of(ColumnGenerator named, ColumnGenerator otherwise, string regex)
    {
        try
        {
            return new MatchingColumn(named, otherwise, new Regex(Classes().Replace(regex, match => ClassOf(match.Groups[1].Value)), RegexOptions.CultureInvariant, MatchTimeout));
        }
        catch (ArgumentException)
        {
            return otherwise;
        }
    }

    public override void Write(RowWriter writer, long row)
    {
        var start = writer.Position;
        _named.Write(writer, row);
        if (writer.IsNullAt(start) || !_regex.IsMatch(Encoding.UTF8.GetString(writer.FieldAt(start))))
        {
            writer.Return(start);
            _otherwise.Write(writer, row);
        }
    }

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
