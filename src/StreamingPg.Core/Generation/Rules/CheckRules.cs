using StreamingPg.Core.Checks;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>
/// Makes rules out of CHECKs that say what one column is by others: <c>total = price * quantity</c> gives it an expression, and
/// <c>(status = 'paid') = (paid_at IS NOT NULL)</c> makes it NULL in the rows of which the condition says so.
/// </summary>
internal static class CheckRules
{
    /// <summary>The model with these rules; what is understood of its CHECKs is no reason any more to make no rows.</summary>
    public static StreamModel Apply(StreamModel model)
    {
        foreach (var table in model.Tables.Where(table => table.UnreadChecks.Any(check => !check.IsDomain)).ToList())
        {
            var kept = table;
            foreach (var check in table.UnreadChecks.Where(check => !check.IsDomain))
            {
                kept = RuleOf(model, kept, check.Expression) is { } column
                    ? kept.With(column) with { UnreadChecks = [.. kept.UnreadChecks.Where(unread => unread != check)] }
                    : kept;
            }

            model = kept == table ? model : model.With(kept);
        }

        return model;
    }

    /// <summary>The column with the rule that a CHECK demands; null where it demands something else.</summary>
    private static ColumnModel? RuleOf(StreamModel model, TableModel table, string expression)
    {
        try
        {
            return SqlExpressionParser.Parse(WithoutCheck(expression)) is CallExpression { Name: "=", Arguments: [var left, var right] }
                ? Equality(model, table, left, right) ?? Equality(model, table, right, left)
                    ?? Presence(model, table, left, right) ?? Presence(model, table, right, left)
                : null;
        }
        catch (FormatException)
        {
            return null; // what cannot be read stays unread
        }
    }

    private static string WithoutCheck(string expression) =>
        expression.TrimStart().StartsWith("CHECK", StringComparison.OrdinalIgnoreCase) ? expression.TrimStart()[5..] : expression;

    private static ColumnModel? Equality(StreamModel model, TableModel table, SqlExpression side, SqlExpression other)
    {
        while (side is CastExpression { KeepsValue: true } cast)
        {
            side = cast.Operand;
        }

        if (side is not ColumnExpression { Name: var name } || FreeColumn(table, name, other) is not { } column || other is LiteralExpression)
        {
            return null;
        }

        var text = SqlText.Of(other);
        return IsExact(table, column, other) && Compiles(model, table, scope => RuleTypes.WhyNotInto(column.Type, RuleCompiler.Compile(text, scope).Type) is null)
            ? column with { Rule = new ExpressionRule(text) { IsFromCheck = true } }
            : null;
    }

    /// <summary>True when we work out the very value that the server does: no division, nothing that is rounded, no floating-point number.</summary>
    private static bool IsExact(TableModel table, ColumnModel column, SqlExpression expression) => RuleTypes.Of(column.Type) switch
    {
        RuleType.Number => column.Type.Kind is not (ColumnKind.Real or ColumnKind.DoublePrecision)
            && ScaleOf(table, expression) is { } scale && (column.Type is { Kind: ColumnKind.Decimal, Precision: null } || scale <= (column.Type.Scale ?? 0)),
        RuleType.Text => IsPlainText(expression),
        _ => expression is ColumnExpression { Name: var name } && table.HasColumn(name) && table.Column(name).Type == column.Type,
    };

    /// <summary>Digits after the point that the value of an expression may have; null where that is not known.</summary>
    private static int? ScaleOf(TableModel table, SqlExpression expression) => expression switch
    {
        LiteralExpression { IsText: false } literal => literal.Text.IndexOf('.', StringComparison.Ordinal) is >= 0 and var point ? literal.Text.Length - point - 1 : 0,
        ColumnExpression column when table.HasColumn(column.Name) => table.Column(column.Name).Type switch
        {
            { IsInteger: true } => 0,
            { Kind: ColumnKind.Decimal, Scale: { } scale } => scale,
            _ => null,
        },
        CastExpression { KeepsValue: true } cast => ScaleOf(table, cast.Operand),
        CallExpression { Name: "*", Arguments: [var left, var right] } => ScaleOf(table, left) + ScaleOf(table, right),
        CallExpression { Name: "+" or "-" or "least" or "greatest" or "coalesce", Arguments: var arguments } => arguments.Select(argument => ScaleOf(table, argument))
            .Aggregate((most, scale) => most is null || scale is null ? null : Math.Max(most.Value, scale.Value)),
        _ => null,
    };

    private static bool IsPlainText(SqlExpression expression) => expression switch
    {
        LiteralExpression or ColumnExpression => true,
        CastExpression { KeepsValue: true } cast => IsPlainText(cast.Operand),
        CallExpression { Name: "||" or "coalesce" } call => call.Arguments.All(IsPlainText),
        _ => false,
    };

    private static ColumnModel? Presence(StreamModel model, TableModel table, SqlExpression side, SqlExpression condition)
    {
        var (name, isNull) = side switch
        {
            CallExpression { Name: "is null", Arguments: [ColumnExpression column] } => (column.Name, true),
            CallExpression { Name: "not", Arguments: [CallExpression { Name: "is null", Arguments: [ColumnExpression column] }] } => (column.Name, false),
            _ => ("", false),
        };
        if (name.Length == 0 || FreeColumn(table, name, condition) is not { IsNullable: not false } free)
        {
            return null;
        }

        var text = SqlText.Of(condition);
        return Compiles(model, table, scope => RuleCompiler.Condition(text, scope) is not null)
            ? free with { When = [new WhenModel(isNull ? text : $"not {text}", null)], NullRatio = 0 }
            : null;
    }

    /// <summary>A column of which nothing else is said, and that the other side does not name.</summary>
    private static ColumnModel? FreeColumn(TableModel table, string name, SqlExpression other) =>
        table.Columns.FirstOrDefault(column => column.Name == name) is
        {
            IsPrimaryKey: false, IsAutoIncrement: false, IsLeftToServer: false, HasRule: false, Generator: null, Values: null, Pattern: null,
            Distribution: null, After: null, EqualsParent: null, SumOf: null, IsUnique: false,
        } column && !table.Refers(name) && !other.Columns.Contains(name) && !table.UniqueSets().Any(set => set.Contains(name))
            && table.Columns.All(own => own.Rule is not ExpressionRule { IsFromCheck: true } rule || !SqlConstant.ColumnsOf(rule.Text).Contains(name))
            ? column
            : null;

    private static bool Compiles(StreamModel model, TableModel table, Func<RuleScope, bool> compile)
    {
        var scope = new RuleScope(model, table);
        try
        {
            return compile(scope) && !scope.UsesSequence;
        }
        catch (FormatException)
        {
            return false;
        }
    }
}
