using System.Text;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>Reads a template: text with expressions in braces, each with a format behind a colon; {{ and }} are braces.</summary>
internal static class TemplateText
{
    /// <summary>The parts of a template: text, or an expression with its format.</summary>
    /// <exception cref="FormatException">It cannot be read; the message is a clause.</exception>
    public static IReadOnlyList<TemplatePart> Parse(string template)
    {
        var parts = new List<TemplatePart>();
        var text = new StringBuilder();
        for (var index = 0; index < template.Length; index++)
        {
            var character = template[index];
            var isDoubled = index + 1 < template.Length && template[index + 1] == character;
            if (character is '{' or '}' && isDoubled)
            {
                text.Append(character);
                index++;
            }
            else if (character == '}')
            {
                throw new FormatException("a } stands alone; write }} for the character");
            }
            else if (character == '{')
            {
                Add(parts, text);
                var end = EndOf(template, index);
                parts.Add(Expression(template[(index + 1)..end]));
                index = end;
            }
            else
            {
                text.Append(character);
            }
        }

        Add(parts, text);
        return parts;
    }

    /// <summary>Makes a template ready to be worked out.</summary>
    /// <exception cref="FormatException">It cannot be read, or its types do not fit; the message is a clause.</exception>
    public static CompiledRule Compile(string template, RuleScope scope)
    {
        var parts = Parse(template).Select(part => Compile(part, scope)).ToArray();
        return new CompiledRule(RuleType.Text, row =>
        {
            var text = new StringBuilder();
            foreach (var part in parts)
            {
                if (part(row) is not { } value)
                {
                    return null;
                }

                text.Append(value);
            }

            return text.ToString();
        });
    }

    /// <summary>The characters that a template has in every row.</summary>
    public static int LengthOf(string template) => Parse(template).Sum(part => part.Text?.Length ?? 0);

    private static Func<RuleRow, string?> Compile(TemplatePart part, RuleScope scope)
    {
        if (part.Text is { } text)
        {
            return _ => text;
        }

        var compiled = RuleCompiler.Compile(part.Expression!, scope);
        if (part.Format is not { } format)
        {
            return row => compiled.Of(row) is { } value ? RuleTypes.Text(value) : null;
        }

        CheckFormat(compiled.Type, format);
        return row => compiled.Of(row) is { } value ? RuleFunctions.Format(value, format) : null;
    }

    private static void CheckFormat(RuleType type, string format)
    {
        object? example = type switch
        {
            RuleType.Number => 1.5m,
            RuleType.Time => DateTime.UnixEpoch,
            RuleType.Duration => TimeSpan.FromHours(1),
            _ => null,
        };
        try
        {
            _ = example is null
                ? throw new FormatException($"only numbers, times and durations have a format, and the value is {RuleTypes.Describe(type)}")
                : RuleFunctions.Format(example, format);
        }
        catch (FormatException exception) when (example is not null)
        {
            throw new FormatException($"\"{format}\" is not a format for {RuleTypes.Describe(type)}", exception);
        }
    }

    private static void Add(List<TemplatePart> parts, StringBuilder text)
    {
        if (text.Length > 0)
        {
            parts.Add(new TemplatePart(text.ToString(), null, null));
            text.Clear();
        }
    }

    /// <summary>The brace that closes an expression; one between quotes does not.</summary>
    private static int EndOf(string template, int start)
    {
        var isQuoted = false;
        for (var index = start + 1; index < template.Length; index++)
        {
            isQuoted ^= template[index] == '\'';
            if (template[index] == '}' && !isQuoted)
            {
                return index;
            }
        }

        throw new FormatException("a { is not closed");
    }

    /// <summary>The format begins at a colon that is neither in quotes nor one of the two of a cast.</summary>
    private static TemplatePart Expression(string inner)
    {
        var isQuoted = false;
        for (var index = 0; index < inner.Length; index++)
        {
            isQuoted ^= inner[index] == '\'';
            if (isQuoted || inner[index] != ':')
            {
                continue;
            }

            if (index + 1 < inner.Length && inner[index + 1] == ':')
            {
                index++;
                continue;
            }

            return new TemplatePart(null, Filled(inner[..index]), inner[(index + 1)..]);
        }

        return new TemplatePart(null, Filled(inner), null);
    }

    private static string Filled(string expression) =>
        string.IsNullOrWhiteSpace(expression) ? throw new FormatException("there is nothing between { and }") : expression;
}

/// <summary>A part of a template.</summary>
/// <param name="Text">Text that is the same in every row; null for an expression.</param>
/// <param name="Expression">The expression.</param>
/// <param name="Format">Its format, as .NET writes it; null for none.</param>
internal sealed record TemplatePart(string? Text, string? Expression, string? Format);
