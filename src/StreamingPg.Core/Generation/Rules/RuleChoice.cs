using StreamingPg.Core.Generation.Columns;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>Makes the generators of columns with rules.</summary>
/// <param name="plan">The batch.</param>
/// <param name="table">The table.</param>
/// <param name="choose">Makes the generator of a column without rules, from a random stream.</param>
internal sealed class RuleChoice(BatchPlan plan, TableGenerator table, Func<ColumnModel, CountedRandom, ColumnGenerator> choose)
{
    /// <summary>The generator of a column with a rule, or with conditions.</summary>
    /// <exception cref="FormatException">The rule cannot be kept; the message is a clause.</exception>
    public ColumnGenerator Of(ColumnModel column, CountedRandom random) => column switch
    {
        { When.Count: > 0 } => Conditional(column, random),
        { Rule: ExpressionRule expression } => Computed(column, random, scope => RuleCompiler.Compile(expression.Text, scope)),
        { Rule: TemplateRule template } => Computed(column, random, scope => TemplateText.Compile(template.Text, scope)),
        { Rule: ObjectRule json } => new JsonObjectColumn(
            [.. json.Properties.Select(property => (property, choose(property, random.Derive(property.Name))))], column.Type.Kind == ColumnKind.Jsonb),
        { Rule: OwnGeneratorRule own } => new OwnGeneratorColumn(table, column, own, random, plan.RowsOf(table.Table.Name)),
        { Rule: FromRule } => throw new FormatException("\"from\" needs a database to read the values from"),
        _ => throw new NotSupportedException($"There is no generator for the rule {column.Rule?.Property}."),
    };

    private ConditionalColumn Conditional(ColumnModel column, CountedRandom random)
    {
        var scope = Scope(random.Derive("when"));
        return new ConditionalColumn(
            table.Table,
            column,
            [
                .. column.When.Select((when, index) => (
                    when.Condition is { } condition ? RuleCompiler.Condition(condition, scope) : _ => true,
                    when.Source is { } source ? choose(source, random.Derive($"when {index}")) : new NullColumn())),
            ],
            choose(column with { When = [], NullRatio = 0 }, random));
    }

    private ComputedColumn Computed(ColumnModel column, CountedRandom random, Func<RuleScope, CompiledRule> compile)
    {
        var scope = Scope(random);
        var compiled = compile(scope);
        return new ComputedColumn(table.Table, column, compiled, scope.UsesSequence);
    }

    private RuleScope Scope(CountedRandom random) => new(plan.Model, table.Table)
    {
        Generator = table,
        Random = random,
        ReferenceTime = DateTime.SpecifyKind(plan.ReferenceTime, DateTimeKind.Utc),
        RowsBefore = plan.RowsBefore.GetValueOrDefault(table.Table.Name),
    };
}
