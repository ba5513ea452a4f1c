using System.Text;

namespace StreamingPg.Core.Checks;

/// <summary>
/// A regular expression of a simple kind, as a pattern that values can be made from: literals, classes, groups, alternatives and
/// repetitions. Whatever it makes, the regular expression matches; where that sets no end (<c>+</c>), it sets one itself.
/// </summary>
internal sealed class SimplePattern
{
    private readonly IReadOnlyList<IReadOnlyList<PatternPart>> _alternatives;

    private SimplePattern(IReadOnlyList<IReadOnlyList<PatternPart>> alternatives) => _alternatives = alternatives;

    /// <summary>Characters of the shortest text.</summary>
    public int MinLength => _alternatives.Min(parts => parts.Sum(part => part.MinLength));

    /// <summary>Characters of the longest text.</summary>
    public int MaxLength => _alternatives.Max(parts => parts.Sum(part => part.MaxLength));

    /// <summary>Reads a regular expression of PostgreSQL; null when it is not of a simple kind.</summary>
    public static SimplePattern? Parse(string regex)
    {
        try
        {
            return new SimplePattern(new RegexReader(regex).Read());
        }
        catch (FormatException)
        {
            return null;
        }
    }

    /// <summary>A character as a pattern that makes it.</summary>
    public static string Literal(char character) =>
        @"\.[]{}()*+-?^$|/".Contains(character, StringComparison.Ordinal) ? $@"\{character}" : character.ToString();

    /// <summary>The pattern whose texts are not shorter or longer than that; null when there is none.</summary>
    public SimplePattern? Fit(int? minLength, int? maxLength)
    {
        var fitting = _alternatives.Select(parts => Fit(parts, minLength ?? 0, maxLength ?? int.MaxValue))
            .OfType<IReadOnlyList<PatternPart>>().ToList();
        return fitting.Count == 0 ? null : new SimplePattern(fitting);
    }

    /// <inheritdoc/>
    public override string ToString() => string.Join('|', _alternatives.Select(parts => string.Concat(parts)));

    private static List<PatternPart>? Fit(IReadOnlyList<PatternPart> parts, int minLength, int maxLength)
    {
        var fitted = parts.ToList();
        for (var index = 0; index < fitted.Count; index++)
        {
            var part = fitted[index];
            var missing = minLength - fitted.Sum(other => other.MinLength);
            if (missing > 0 && part.AtomMinLength > 0)
            {
                var more = (missing + part.AtomMinLength - 1) / part.AtomMinLength;
                var minimum = Math.Min(part.Minimum + more, part.IsOpen ? int.MaxValue : part.Maximum);
                fitted[index] = part with { Minimum = minimum, Maximum = Math.Max(minimum, part.Maximum) };
            }
        }

        for (var index = fitted.Count - 1; index >= 0; index--)
        {
            var part = fitted[index];
            var excess = fitted.Sum(other => (long)other.MaxLength) - maxLength;
            if (excess > 0 && part.AtomMaxLength > 0)
            {
                var fewer = (excess + part.AtomMaxLength - 1) / part.AtomMaxLength;
                fitted[index] = part with { Maximum = (int)Math.Max(part.Minimum, part.Maximum - fewer) };
            }
        }

        return fitted.Sum(part => part.MinLength) >= minLength && fitted.Sum(part => (long)part.MaxLength) <= maxLength ? fitted : null;
    }
}

/// <summary>A piece of a pattern and how often it comes.</summary>
/// <param name="Atom">A character, a class or a group, as it stands in a pattern.</param>
/// <param name="AtomMinLength">Characters of the shortest text of the atom.</param>
/// <param name="AtomMaxLength">Characters of the longest text of the atom.</param>
/// <param name="Minimum">How often at least.</param>
/// <param name="Maximum">How often at most.</param>
/// <param name="IsOpen">True when the maximum is our own: the expression sets none.</param>
internal sealed record PatternPart(
    string Atom, int AtomMinLength, int AtomMaxLength, int Minimum = 1, int Maximum = 1, bool IsOpen = false)
{
    /// <summary>Characters of the shortest text.</summary>
    public int MinLength => AtomMinLength * Minimum;

    /// <summary>Characters of the longest text.</summary>
    public int MaxLength => AtomMaxLength * Maximum;

    /// <inheritdoc/>
    public override string ToString() => (Minimum, Maximum) switch
    {
        (_, 0) => "",
        (1, 1) => Atom,
        (0, 1) => $"{Atom}?",
        _ when Minimum == Maximum => $"{Atom}{{{Minimum}}}",
        _ => $"{Atom}{{{Minimum},{Maximum}}}",
    };
}

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
