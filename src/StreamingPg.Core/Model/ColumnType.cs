using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>Type of a column, with its length or precision.</summary>
/// <param name="Kind">Which type.</param>
/// <param name="Length">Most characters of a <see cref="ColumnKind.VarChar"/>; null means no limit.</param>
/// <param name="Precision">Most digits of a <see cref="ColumnKind.Decimal"/>; null means no limit.</param>
/// <param name="Scale">Digits after the point of a <see cref="ColumnKind.Decimal"/>.</param>
public sealed record ColumnType(ColumnKind Kind, int? Length = null, int? Precision = null, int? Scale = null)
{
    /// <summary>The type as it stands in metadata and in CREATE TABLE, such as <c>VARCHAR(255)</c>.</summary>
    public string ToSql() => WithArguments(ColumnTypeDefinition.Of(Kind).Name);

    /// <summary>The type as format_type of pg_catalog spells it, such as <c>character varying(255)</c>.</summary>
    public string ToCatalogName() => WithArguments(ColumnTypeDefinition.Of(Kind).CatalogName);

    /// <summary>Reads a type as metadata spells it; case and spaces do not matter.</summary>
    /// <param name="text">Such as <c>DECIMAL(10,2)</c>.</param>
    /// <param name="type">The type.</param>
    /// <param name="reason">Why it is not one, a clause without a full stop.</param>
    public static bool TryParse(
        string text, [NotNullWhen(true)] out ColumnType? type, [NotNullWhen(false)] out string? reason)
    {
        ArgumentNullException.ThrowIfNull(text);
        type = null;
        var open = text.IndexOf('(', StringComparison.Ordinal);
        var definition = ColumnTypeDefinition.Find((open < 0 ? text : text[..open]).Trim());
        if (definition is null)
        {
            reason = $"the type \"{text}\" is not known; known types are {ColumnTypeDefinition.Examples}";
            return false;
        }

        if (!TryReadArguments(text, open, out var arguments))
        {
            reason = $"the type \"{text}\" does not have the form {definition.Example}";
            return false;
        }

        reason = definition.WhyArgumentsAreWrong(arguments);
        if (reason is not null)
        {
            return false;
        }

        type = definition.Create(arguments);
        return true;
    }

    private string WithArguments(string name)
    {
        if (Length is not null)
        {
            return string.Create(CultureInfo.InvariantCulture, $"{name}({Length})");
        }

        return Precision is null ? name : string.Create(CultureInfo.InvariantCulture, $"{name}({Precision},{Scale})");
    }

    private static bool TryReadArguments(string text, int open, out int[] arguments)
    {
        arguments = [];
        if (open < 0)
        {
            return true;
        }

        var end = text.TrimEnd();
        if (!end.EndsWith(')'))
        {
            return false;
        }

        var parts = end[(open + 1)..^1].Split(',', StringSplitOptions.TrimEntries);
        arguments = new int[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out arguments[i]))
            {
                return false;
            }
        }

        return true;
    }
}
