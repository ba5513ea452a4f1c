using StreamingPg.Core.Model;

namespace StreamingPg.Core.Checks;

/// <summary>
/// Narrows the columns of tables to what their CHECK constraints and domains allow, before generators are chosen. What cannot be
/// promised is kept with the table, and named before a row is made.
/// </summary>
internal sealed class CheckNarrowing
{
    private const string ElementName = "element"; // a name that suggests no generator

    private readonly TableModel _table;
    private readonly Dictionary<string, ColumnModel> _columns;
    private readonly Dictionary<string, List<CheckRule>> _rules;
    private readonly List<UnreadCheck> _unread = [];

    private CheckNarrowing(TableModel table)
    {
        _table = table;
        _columns = table.Columns.ToDictionary(column => column.Name, StringComparer.Ordinal);
        _rules = table.Columns.ToDictionary(column => column.Name, _ => new List<CheckRule>(), StringComparer.Ordinal);
    }

    /// <summary>The narrowed table.</summary>
    public static TableModel Apply(TableModel table)
    {
        var narrowing = new CheckNarrowing(table);
        narrowing.ApplyAll();
        return table with
        {
            Columns = [.. table.Columns.Select(column => narrowing._columns[column.Name])],
            UnreadChecks = narrowing._unread,
        };
    }

    private void ApplyAll()
    {
        foreach (var column in _table.Columns.Where(column => DomainsOf(column.Type.Element).Any()))
        {
            NarrowElements(column);
        }

        var checks = _table.Columns.SelectMany(OfDomains)
            .Concat(_table.Checks.Where(check => !check.IsTrusted).Select(check => new UnreadCheck(_table.Name, check.Name, check.Expression, "", IsDomain: false)))
            .ToList();
        foreach (var check in checks)
        {
            Try(check, Narrow);
        }

        // Which range is left for two columns in order depends on all their bounds.
        foreach (var check in checks.Where(check => !_unread.Exists(unread => unread.Expression == check.Expression)))
        {
            Try(check, Order);
        }
    }

    /// <summary>The elements of an array are narrowed as a column of their own would be.</summary>
    private void NarrowElements(ColumnModel column)
    {
        if (column is { IsLeftToServer: false, Generator: null, Values: null, HasRule: false })
        {
            var elements = new CheckNarrowing(_table with { Columns = [new ColumnModel(ElementName, column.Type.Element!)], ForeignKeys = [], Checks = [] });
            elements.ApplyAll();
            _columns[column.Name] = column with { Element = elements._columns[ElementName] };
            _unread.AddRange(elements._unread);
        }
    }

    private static IEnumerable<UserTypeModel> DomainsOf(ColumnType? type)
    {
        // A domain over a domain has the CHECKs of both.
        for (var domain = type?.UserType; domain is { Base: { } over }; domain = over.UserType)
        {
            yield return domain;
        }
    }

    /// <summary>The CHECKs of a column's domain, the column in the place of VALUE.</summary>
    private IEnumerable<UnreadCheck> OfDomains(ColumnModel column) => column.IsLeftToServer ? [] :
        from domain in DomainsOf(column.Type)
        from check in domain.Checks
        select new UnreadCheck(_table.Name, domain.Name, check, "", IsDomain: true) { Column = column.Name };

    private void Try(UnreadCheck check, Action<IReadOnlyList<CheckRule>> apply)
    {
        try
        {
            var reading = CheckReader.Read(check.Expression);
            apply(reading.WhyNot is null
                ? [.. reading.Rules.Select(rule => check.Column is null ? rule : rule with { Column = check.Column })]
                : throw new FormatException(reading.WhyNot));
        }
        catch (FormatException exception)
        {
            _unread.Add(check with { Reason = exception.Message });
        }
    }

    /// <summary>Each column is narrowed again by all rules that are known of it: a pattern and a length make one pattern.</summary>
    private void Narrow(IReadOnlyList<CheckRule> rules)
    {
        var narrowed = rules.GroupBy(rule => rule.Column).Select(group =>
        {
            var column = Original(group.Key);
            List<CheckRule> all = [.. _rules[column.Name], .. group];
            return (All: all, Column: ColumnNarrowing.Apply(column, all, HasParent(column.Name)));
        }).ToList();
        foreach (var (all, column) in narrowed)
        {
            _rules[column.Name] = all;
            _columns[column.Name] = column with { Element = _columns[column.Name].Element };
        }
    }

    private void Order(IReadOnlyList<CheckRule> rules)
    {
        foreach (var rule in rules.Where(rule => rule.Kind is CheckRuleKind.AtMostColumn or CheckRuleKind.LessThanColumn))
        {
            var (lower, upper) = (_columns[Original(rule.Column).Name], _columns[Original(rule.Operand).Name]);
            if (HasParent(lower.Name) || HasParent(upper.Name))
            {
                throw new FormatException($"the value of \"{lower.Name}\" or \"{upper.Name}\" comes from a parent");
            }

            (_columns[lower.Name], _columns[upper.Name]) = ColumnOrdering.Apply(lower, upper, rule.Kind == CheckRuleKind.LessThanColumn);
        }
    }

    private bool HasParent(string column) => _table.ForeignKeys.Any(key => key.Columns.Contains(column, StringComparer.Ordinal));

    private ColumnModel Original(string name) => _table.Columns.FirstOrDefault(column => column.Name == name)
        ?? throw new FormatException($"it names \"{name}\", which does not exist in the metadata");
}
