using StreamingPg.Core.Binary;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Generation.Tables;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>A row of which an expression is worked out.</summary>
/// <param name="Scratch">Where the values of other columns are written, and taken back at once.</param>
/// <param name="Row">The row.</param>
internal readonly record struct RuleRow(RowWriter Scratch, long Row);

/// <summary>An expression that is ready to be worked out for rows.</summary>
/// <param name="Type">Type of its values.</param>
/// <param name="Of">The value of a row.</param>
internal sealed record CompiledRule(RuleType Type, Func<RuleRow, object?> Of)
{
    /// <summary>True when it is the same in every row, and the value written out.</summary>
    public bool IsConstant { get; init; }
}

/// <summary>What the names in the expressions of a table mean.</summary>
/// <param name="model">The tables.</param>
/// <param name="table">The table.</param>
internal sealed class RuleScope(StreamModel model, TableModel table)
{
    /// <summary>Number of the row in its table, all batches together; where no column has that name.</summary>
    public const string Sequence = "seq";

    private static readonly string[] TimeParts = ["year", "month", "day"];

    private readonly HashSet<string> _used = new(StringComparer.Ordinal);
    private int _draws;

    /// <summary>Makes the rows; null while rules are only checked.</summary>
    public TableGenerator? Generator { get; init; }

    /// <summary>Random stream of the column.</summary>
    public CountedRandom Random { get; init; }

    /// <summary>No generated time is after this one.</summary>
    public DateTime ReferenceTime { get; init; } = BatchPlan.FixedReferenceTime;

    /// <summary>Rows that the table had before the batch.</summary>
    public long RowsBefore { get; init; }

    /// <summary>The columns of the row that were asked for.</summary>
    public IReadOnlyCollection<string> Used => _used;

    /// <summary>True when the number of the row was asked for.</summary>
    public bool UsesSequence { get; private set; }

    /// <summary>A random stream of its own for each place that asks for one.</summary>
    public CountedRandom Draw() => Random.Derive("random").Derive(_draws++);

    /// <summary>The value of a column, or another name.</summary>
    /// <exception cref="FormatException">There is none; the message is a clause.</exception>
    public CompiledRule Find(string? parent, string name)
    {
        if (parent is not null && parent != table.Name)
        {
            return OfParent(parent, name);
        }

        if (Column(table, name) is { } column)
        {
            _used.Add(column.Name);
            var index = table.IndexOf(column.Name);
            return new CompiledRule(TypeOf(column), row => Read(row, column.Type, writer => Generator!.Columns[index].Write(writer, row.Row)));
        }

        if (name == Sequence)
        {
            UsesSequence = true;
            return new CompiledRule(RuleType.Number, row => (decimal)(RowsBefore + row.Row + 1));
        }

        return TimeParts.Contains(name) ? OfTime(name) : throw new FormatException(Unknown(table, name, [Sequence, .. TimeParts]));
    }

    private CompiledRule OfParent(string parent, string name)
    {
        var key = table.ForeignKeys.FirstOrDefault(key => key.ParentTable == parent && key.ParentTable != table.Name && !key.IsLoadedLater)
            ?? throw new FormatException($"it names the table \"{parent}\", to which no foreign key of the table refers at once");
        var owner = model.Table(parent);
        var column = Column(owner, name) ?? throw new FormatException(Unknown(owner, name, []));
        var index = owner.IndexOf(column.Name);
        return new CompiledRule(TypeOf(column), row => Generator!.HasParents(key)
            ? Read(row, column.Type, writer => Generator.ParentTable(key).WriteValue(writer, Generator.Parents(key).Pick(row.Row), index))
            : null);
    }

    /// <summary>A part of the row's own time; of the reference time where it has none.</summary>
    private CompiledRule OfTime(string part)
    {
        var own = RowTimestamp.Of(table);
        if (own is null)
        {
            return new CompiledRule(RuleType.Number, _ => RuleFunctions.Part(part, ReferenceTime));
        }

        var time = Find(null, own.Name);
        return new CompiledRule(RuleType.Number, row => RuleFunctions.Part(part, time.Of(row) is DateTime value ? value : ReferenceTime));
    }

    private static RuleType TypeOf(ColumnModel column) => column.IsLeftToServer
        ? throw new FormatException($"the server makes the values of \"{column.Name}\", so nothing is known of them here")
        : RuleTypes.Of(column.Type) ?? throw new FormatException($"\"{column.Name}\" is {column.Type.ToSql()}, which expressions cannot use");

    private static object? Read(RuleRow row, ColumnType type, Action<RowWriter> write)
    {
        var start = row.Scratch.Position;
        write(row.Scratch);
        var value = RuleTypes.Read(row.Scratch, start, type);
        row.Scratch.Return(start);
        return value;
    }

    /// <summary>Names without quotes are in lower case: where only one column can be meant, it is.</summary>
    private static ColumnModel? Column(TableModel owner, string name) =>
        owner.Columns.FirstOrDefault(column => column.Name == name)
        ?? (owner.Columns.Where(column => column.Name.Equals(name, StringComparison.OrdinalIgnoreCase)).ToList() is [var only] ? only : null);

    private static string Unknown(TableModel owner, string name, IReadOnlyList<string> others) =>
        $"it names the column \"{name}\", which table \"{owner.Name}\" does not have {MetadataError.SuggestWithin(name, [.. owner.Columns.Select(column => column.Name), .. others])}";
}
