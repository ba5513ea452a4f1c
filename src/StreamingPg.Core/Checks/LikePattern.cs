using System.Text;

namespace StreamingPg.Core.Checks;

/// <summary>Turns the pattern of LIKE into a regular expression.</summary>
internal static class LikePattern
{
    /// <summary>The regular expression that matches the same texts; null when the pattern ends in its escape character.</summary>
    public static string? ToRegex(string like)
    {
        var regex = new StringBuilder("^");
        var escaped = false;
        foreach (var character in like)
        {
            if (character == '\\' && !escaped)
            {
                escaped = true;
                continue;
            }

            regex.Append((character, escaped) switch
            {
                ('%', false) => ".*",
                ('_', false) => ".",
                _ => SimplePattern.Literal(character),
            });
            escaped = false;
        }

        return escaped ? null : regex.Append('$').ToString();
    }
}
