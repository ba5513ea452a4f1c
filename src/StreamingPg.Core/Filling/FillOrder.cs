using StreamingPg.Core.Model;

namespace StreamingPg.Core.Filling;

/// <summary>In which order the tables of all schemas are filled: what a table refers to comes first, in whichever schema it is.</summary>
internal sealed class FillOrder
{
    private readonly IReadOnlyList<FillPlan> _plans;
    private readonly Dictionary<(string Schema, string Table), FillStep> _steps;
    private readonly HashSet<FillStep> _seen = [];
    private readonly List<FillStep> _order = [];

    private FillOrder(IReadOnlyList<FillPlan> plans)
    {
        _plans = plans;
        _steps = (from plan in plans
                  from step in plan.Groups.Select(tables => new FillStep(plan, [tables]))
                  from table in step.Tables
                  select (Key: (plan.Schema, table.Name), step)).ToDictionary(entry => entry.Key, entry => entry.step);
    }

    /// <summary>The steps; of schemas that refer to each other in a circle, those of the first come first.</summary>
    public static IReadOnlyList<FillStep> Of(IReadOnlyList<FillPlan> plans)
    {
        var order = new FillOrder(plans);
        foreach (var plan in order._plans)
        {
            plan.Model.Tables.ToList().ForEach(table => order.Add(order._steps[(plan.Schema, table.Name)]));
        }

        return order._order;
    }

    private void Add(FillStep first)
    {
        // A stack of its own: a thousand tables may stand in one line.
        var open = new Stack<(FillStep Step, IEnumerator<FillStep> Needed)>();
        Open(first);
        while (open.TryPeek(out var top))
        {
            if (top.Needed.MoveNext())
            {
                Open(top.Needed.Current);
            }
            else
            {
                top.Needed.Dispose();
                _order.Add(open.Pop().Step);
            }
        }

        void Open(FillStep step)
        {
            if (_seen.Add(step))
            {
                open.Push((step, Needed(step).GetEnumerator()));
            }
        }
    }

    /// <summary>What must come before a step, and what its triggers look up, as far as that can come before.</summary>
    private IEnumerable<FillStep> Needed(FillStep step) => Required(step).Concat(
        from table in step.Tables
        from parent in step.Plan.Demands.Parents(table.Name)
        where _steps.ContainsKey(parent) && !Requires(_steps[parent], step)
        select _steps[parent]);

    private bool Requires(FillStep first, FillStep other)
    {
        var seen = new HashSet<FillStep> { first };
        var open = new Stack<FillStep>([first]);
        while (open.TryPop(out var step) && step != other)
        {
            Required(step).Where(seen.Add).ToList().ForEach(open.Push);
        }

        return seen.Contains(other);
    }

    private IEnumerable<FillStep> Required(FillStep step) =>
        from table in step.Tables
        from parent in FillPlan.Needs(table).Select(name => (step.Plan.Schema, name)).Concat(table.OutsideKeys.Select(key => (key.Schema, key.Table)))
        where _steps.ContainsKey(parent)
        select _steps[parent];
}

/// <summary>Tables that are filled in one transaction, as long as the server takes them all.</summary>
/// <param name="Plan">The plan of their schema.</param>
/// <param name="Parts">What can be filled by itself: one table, or those that refer to each other in a cycle.</param>
internal sealed record FillStep(FillPlan Plan, IReadOnlyList<IReadOnlyList<TableModel>> Parts)
{
    // So few tables are far from the number of locks that a server can give, and so few rows go in one round trip.
    private const int MostTables = 16;
    private const long FewRows = 1000;
    private const long FewestToDivide = 200;

    // Rows that take too long are divided by this for the next try.
    private const int Divisor = 10;

    /// <summary>The tables of all parts.</summary>
    public IReadOnlyList<TableModel> Tables => [.. Parts.SelectMany(part => part)];

    /// <summary>True when one statement must load the rows, because the tables must refer to each other.</summary>
    public bool IsAtOnce => Tables.Any(table => Plan.AtOnce.Contains(table.Name));

    /// <summary>True for tables that refer to each other in a circle.</summary>
    public bool IsOneCircle => Parts is [{ Count: > 1 }];

    /// <summary>True for many rows of tables with triggers, which may take any time for each: a few are loaded first.</summary>
    public bool MayBeSlow => !IsAtOnce && Rows > FewestToDivide && Tables.Any(table => Plan.Watched.Contains(table.Name));

    /// <summary>The share to try when another took too long: one of how many rows.</summary>
    public long Fewer(long share) => share * Divisor * (share == 1 && MayBeSlow ? Divisor : 1);

    /// <summary>True when a smaller share of the rows can be tried.</summary>
    public bool HasFewer(long share) => Tables.Any(table => Plan.Rows[table.Name] / share > 1);

    /// <summary>The rows to load, those of a statement together.</summary>
    /// <param name="share">Of how many rows one is loaded.</param>
    public IEnumerable<IReadOnlyDictionary<string, long>> Portions(long share)
    {
        var rows = Tables.Where(table => Plan.Rows[table.Name] > 0)
            .ToDictionary(table => table.Name, table => Math.Max(1, Plan.Rows[table.Name] / share), StringComparer.Ordinal);
        var portions = IsAtOnce ? (Rows / (FewRows - MostTables)) + 1 : Math.Min(Rows, 1);
        for (var portion = 0L; portion < portions; portion++)
        {
            var part = rows.Select(table => (table.Key, Rows: UpTo(table.Value, portion + 1, portions) - UpTo(table.Value, portion, portions)))
                .Where(table => table.Rows > 0).ToDictionary(table => table.Key, table => table.Rows, StringComparer.Ordinal);
            if (part.Count > 0)
            {
                yield return part;
            }
        }
    }

    /// <summary>The rows from one tenth of all to another.</summary>
    /// <param name="from">The tenths that are in.</param>
    /// <param name="to">The tenths that are in afterwards.</param>
    public IReadOnlyDictionary<string, long> Between(int from, int to) =>
        Tables.Select(table => (table.Name, Rows: UpTo(Plan.Rows[table.Name], to, Divisor) - UpTo(Plan.Rows[table.Name], from, Divisor)))
            .Where(table => table.Rows > 0).ToDictionary(table => table.Name, table => table.Rows, StringComparer.Ordinal);

    /// <summary>The first portion has rows of every table.</summary>
    private static long UpTo(long count, long portion, long portions) => ((count * portion) + portions - 1) / portions;

    /// <summary>The rows of all tables.</summary>
    public long Rows => Tables.Sum(table => Plan.Rows[table.Name]);

    private bool IsSmooth => !IsAtOnce && Tables.All(table => table.UnreadChecks.Count == 0 && table.OutsideKeys.Count == 0 && !Plan.Doubtful.Contains(table.Name));

    /// <summary>Puts steps together that follow each other and that nothing speaks against.</summary>
    public static IEnumerable<FillStep> Together(IEnumerable<FillStep> steps)
    {
        FillStep? open = null;
        foreach (var step in steps)
        {
            if (open is not null && open.Takes(step))
            {
                open = open with { Parts = [.. open.Parts, .. step.Parts] };
                continue;
            }

            if (open is not null)
            {
                yield return open;
            }

            open = step;
        }

        if (open is not null)
        {
            yield return open;
        }
    }

    private bool Takes(FillStep next) => next.Plan == Plan && IsSmooth && next.IsSmooth && !MayBeSlow && !next.MayBeSlow && Tables.Count + next.Tables.Count <= MostTables
        && (Rows + next.Rows <= FewRows || Math.Min(Rows, next.Rows) >= FewRows);
}
