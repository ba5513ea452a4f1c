namespace StreamingPg.Core.Checks;

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
