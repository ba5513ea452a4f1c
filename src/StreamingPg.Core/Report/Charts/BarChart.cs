namespace StreamingPg.Core.Report.Charts;

/// <summary>A bar per name, from left to right, with its value at the end.</summary>
internal sealed class BarChart : Chart
{
    private const double RowHeight = 24;
    private const double Top = 20;
    private const double Left = 165;
    private const double ValueWidth = 70;
    private const double NameWidth = Left - 8;
    private const double NarrowCharacter = 4.5;
    private const double UsualCharacter = 7.8;
    private const double WideCharacter = 11;

    /// <summary>Names and values.</summary>
    public required IReadOnlyList<(string Name, double Value)> Bars { get; init; }

    /// <summary>What the names are.</summary>
    public required string NameUnit { get; init; }

    /// <summary>What is counted, with its unit.</summary>
    public required string ValueUnit { get; init; }

    /// <summary>How a value reads.</summary>
    public Func<double, string> Format { get; init; } = value => DisplayText.Count((long)value);

    /// <inheritdoc/>
    public override bool IsEmpty => Bars.Count == 0;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Heads => [NameUnit, ValueUnit];

    /// <inheritdoc/>
    public override IEnumerable<IReadOnlyList<string>> Figures => Bars.Select(IReadOnlyList<string> (bar) => [bar.Name, Format(bar.Value)]);

    /// <inheritdoc/>
    protected override double Height => Top + (Bars.Count * RowHeight) + 4;

    /// <inheritdoc/>
    protected override void DrawInside(MarkupWriter page)
    {
        var highest = Math.Max(Bars.Max(bar => bar.Value), 1e-9);
        Label(page, 0, 12, NameUnit, "start", "unit");
        Label(page, Left, 12, ValueUnit, "start", "unit");
        for (var index = 0; index < Bars.Count; index++)
        {
            var (name, value) = Bars[index];
            var y = Top + (index * RowHeight);
            var width = Math.Max(0, value / highest * (Width - Left - ValueWidth));
            Label(page, Left - 8, y + 15, Shorten(name), "end", "name");
            Box(page, Left, y + 3, width, RowHeight - 7, "c0", $"{name}: {Format(value)} {ValueUnit}");
            Label(page, Left + width + 6, y + 15, Format(value), "start", "value");
        }

        Line(page, Left, Top, Left, Top + (Bars.Count * RowHeight), "axis");
    }

    /// <summary>The beginning of a name that is wider than its room; half a surrogate pair is no character.</summary>
    private static string Shorten(string name)
    {
        var line = name.ReplaceLineEndings(" ");
        if (line.Sum(WidthOf) <= NameWidth)
        {
            return line;
        }

        var (length, width) = (0, WideCharacter);
        while (length < line.Length && width + WidthOf(line[length]) <= NameWidth)
        {
            width += WidthOf(line[length++]);
        }

        length -= length > 0 && char.IsHighSurrogate(line[length - 1]) ? 1 : 0;
        return string.Concat(line.AsSpan(0, length), "…");
    }

    /// <summary>About how wide a character is, in the widest of the fonts that systems show pages in.</summary>
    private static double WidthOf(char character) => character is 'i' or 'j' or 'l' or 'f' or 't' or 'r' or ' ' or '.' or ',' or '\'' ? NarrowCharacter
        : char.IsUpper(character) || character is 'm' or 'w' || character > '\u2E80' ? WideCharacter
        : UsualCharacter;
}
