using System.Globalization;
using System.Text.RegularExpressions;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>Tells whether a given value satisfies a rule.</summary>
internal static class ValueTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(1);

    /// <summary>True when it does; false as well when that cannot be told.</summary>
    public static bool Satisfies(ColumnType type, string value, CheckRule rule) => rule.Kind switch
    {
        CheckRuleKind.OneOf => rule.Operands.Any(operand => AreEqual(type, value, operand)),
        CheckRuleKind.NoneOf => !rule.Operands.Any(operand => AreEqual(type, value, operand)),
        CheckRuleKind.LengthAtLeast => value.Length >= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.LengthAtMost => value.Length <= int.Parse(rule.Operand, CultureInfo.InvariantCulture),
        CheckRuleKind.Matches => Regex.IsMatch(value, rule.Operand, RegexOptions.CultureInvariant, Patience),
        CheckRuleKind.NotNull or CheckRuleKind.NotInFuture => true,
        CheckRuleKind.AtMostColumn or CheckRuleKind.LessThanColumn => true, // seen to where both columns are known
        _ => Compare(type, value, rule.Operand) is { } order && rule.Kind switch
        {
            CheckRuleKind.AtLeast => order >= 0,
            CheckRuleKind.MoreThan => order > 0,
            CheckRuleKind.AtMost => order <= 0,
            _ => order < 0,
        },
    };

    private static bool AreEqual(ColumnType type, string value, string operand) =>
        ValueLine.Has(type) ? Compare(type, value, operand) == 0
        : type.Kind == ColumnKind.Char ? value.TrimEnd(' ') == operand.TrimEnd(' ')
        : type.Kind == ColumnKind.Boolean ? value.Equals(operand, StringComparison.OrdinalIgnoreCase)
        : value == operand;

    private static int? Compare(ColumnType type, string value, string operand) =>
        ValueLine.Has(type) && ValueLine.Place(type, value) is { } left && ValueLine.Place(type, operand) is { } right
            ? left.CompareTo(right)
            : null;
}
