using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace StreamingPg.Core.Model;

/// <summary>Reads the text of a type.</summary>
/// <param name="text">The text.</param>
/// <param name="userTypes">The types that metadata defines itself.</param>
internal sealed class ColumnTypeParser(string text, IReadOnlyCollection<UserTypeModel> userTypes)
{
    private const string ArrayMark = "[]";

    public bool TryParse([NotNullWhen(true)] out ColumnType? type, [NotNullWhen(false)] out string? reason)
    {
        var name = text.Trim();
        if (!name.EndsWith(ArrayMark, StringComparison.Ordinal))
        {
            return TryParseOne(name, out type, out reason);
        }

        if (!TryParseOne(name[..^ArrayMark.Length].TrimEnd(), out var element, out reason))
        {
            type = null;
            return false;
        }

        reason = WhyNoElement(element);
        type = reason is null ? element.ToArray() : null;
        return type is not null;
    }

    private bool TryParseOne(string name, [NotNullWhen(true)] out ColumnType? type, [NotNullWhen(false)] out string? reason)
    {
        (type, reason) = userTypes.FirstOrDefault(candidate => candidate.Name == name) is { } userType
            ? (userType.ToColumnType(), null)
            : Parse(name);
        return type is not null;
    }

    private (ColumnType? Type, string? Reason) Parse(string name)
    {
        if (name.EndsWith(ArrayMark, StringComparison.Ordinal))
        {
            return (null, $"the type \"{text}\" is an array of arrays, but only arrays of one dimension are supported");
        }

        var open = name.IndexOf('(', StringComparison.Ordinal);
        var close = open < 0 ? -1 : name.IndexOf(')', open);

        // timestamp(3) with time zone: the numbers may stand inside the name.
        var words = close < 0 ? (open < 0 ? name : name[..open]) : $"{name[..open]} {name[(close + 1)..]}";
        words = string.Join(' ', words.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        if (ColumnTypeDefinition.Find(words) is not { } definition)
        {
            if (open > 0 && ColumnTypeDefinition.Find(name[..open].Trim()) is { } meant)
            {
                return (null, WrongForm(meant));
            }

            return (null, $"the type \"{text}\" is unknown; known types are {ColumnTypeDefinition.Examples}, "
                + $"arrays of these such as TEXT[], and the types of \"$types\"{UserTypes()}");
        }

        if (!TryReadArguments(name, open, close, out var arguments))
        {
            return (null, WrongForm(definition));
        }

        return definition.WhyArgumentsAreWrong(arguments) is { } reason
            ? (null, reason)
            : (definition.Create(arguments, words), null);
    }

    private string WrongForm(ColumnTypeDefinition definition) => $"the type \"{text}\" does not have the form {definition.Example}";

    private string UserTypes() => userTypes.Count == 0 ? "" : ": " + string.Join(", ", userTypes.Select(type => type.Name));

    private static string? WhyNoElement(ColumnType element) =>
        element.Element is not null ? $"{element.ToSql()} is itself an array, but only arrays of one dimension are supported"
        : element != element.WithoutSequence() ? $"{element.ToSql()} takes its values from a sequence, so there can be no array of it"
        : null;

    private static bool TryReadArguments(string name, int open, int close, out int[] arguments)
    {
        arguments = [];
        if (open < 0 || close < 0)
        {
            return open < 0;
        }

        var parts = name[(open + 1)..close].Split(',', StringSplitOptions.TrimEntries);
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
