using StreamingPg.Core.Catalog;
using StreamingPg.Core.Keys;
using StreamingPg.Core.Ledger;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Schema;

/// <summary>Says in words where a table in the database does not fit what is expected of it.</summary>
internal static class TableDifference
{
    /// <summary>The differences of a table of the model; none when it fits.</summary>
    /// <param name="schema">Schema of the tables.</param>
    /// <param name="all">All tables, stored as they are (<see cref="LayoutReader"/>).</param>
    /// <param name="model">The table.</param>
    /// <param name="live">The table in the database.</param>
    public static IReadOnlyList<string> Find(string schema, StreamModel all, TableModel model, LiveTable live)
    {
        var columns = model.Columns.Select(column => new ExpectedColumn(column.Name, column.Type.ToCatalogName(), column.IsAutoIncrement)
        {
            IsGenerated = column.Expression is not null,
            IsNullable = column.IsNullable == true,
            Labels = LabelsOf(column.Type),
        });
        var shape = FindInShape([.. columns], StoredKeys.PrimaryKey(model), live);
        return live.IsTable ? [.. shape, .. FindInForeignKeys(schema, all, model, live)] : shape;
    }

    /// <summary>The differences of the ledger; none when it fits.</summary>
    public static IReadOnlyList<string> FindInLedger(LiveTable live)
    {
        var columns = LedgerTable.Columns.Select(column => new ExpectedColumn(column.Name, column.Type, column.IsIdentity));
        return FindInShape([.. columns], LedgerTable.PrimaryKey, live);
    }

    /// <summary>True when a foreign key of the database is the one of the model.</summary>
    public static bool IsSame(string schema, ForeignKeyModel model, LiveForeignKey live) =>
        live.ParentSchema == schema
        && live.ParentTable == model.ParentTable
        && live.Columns.Zip(live.ParentColumns).ToHashSet().SetEquals(model.Columns.Zip(model.ParentColumns));

    private static bool IsSame(OutsideKeyModel model, LiveForeignKey live) =>
        live.ParentSchema == model.Schema
        && live.ParentTable == model.Table
        && live.Columns.Zip(live.ParentColumns).ToHashSet().SetEquals(model.Columns.Zip(model.ParentColumns));

    private static List<string> FindInShape(
        IReadOnlyList<ExpectedColumn> expected, IReadOnlyList<string> primaryKey, LiveTable live)
    {
        if (!live.IsTable)
        {
            return [$"it is a {live.Kind}, not a table"];
        }

        var differences = expected.Select(column => DescribeColumn(column, live)).OfType<string>().ToList();
        differences.AddRange(live.Columns
            .Where(column => !column.IsNullable && !column.HasDefault && !live.HasInsertTrigger && expected.All(other => other.Name != column.Name))
            .Select(column => $"column {Quote(column.Name)} is not in the model, is NOT NULL and has no default"));
        if (!live.PrimaryKey.ToHashSet(StringComparer.Ordinal).SetEquals(primaryKey))
        {
            differences.Add(live.PrimaryKey.Count == 0
                ? $"it has no primary key; expected is ({List(primaryKey)})"
                : $"the primary key is ({List(live.PrimaryKey)}), not ({List(primaryKey)})");
        }

        return differences;
    }

    /// <summary>The values of an enum, of a domain over it, or of an array of it.</summary>
    private static IReadOnlyList<string> LabelsOf(ColumnType type) => (type.Element ?? type).Labels;

    private static string? DescribeColumn(ExpectedColumn expected, LiveTable live)
    {
        var name = Quote(expected.Name);
        var column = live.Find(expected.Name);
        return column switch
        {
            null => $"column {name} is missing",
            _ when column.TypeName != expected.Type => $"column {name} is {column.TypeName}, not {expected.Type}",
            _ when expected.Labels.Except(column.EnumLabels).FirstOrDefault() is { } label && column.EnumLabels.Count > 0 =>
                $"the enum of column {name} lacks the value \"{label}\"",
            { IsGenerated: false } when expected.IsGenerated => $"column {name} is not computed by the server",
            { IsGenerated: true } when !expected.IsGenerated => $"column {name} is computed by the server",
            { IsNullable: false } when expected.IsNullable => $"column {name} is NOT NULL",
            _ when expected.HasSequence && !column.HasSequence => $"column {name} has no sequence",
            _ => null,
        };
    }

    private static IEnumerable<string> FindInForeignKeys(string schema, StreamModel all, TableModel model, LiveTable live)
    {
        var keys = model.ForeignKeys.Select(key => StoredKeys.ForeignKey(all, model, key)).OfType<ForeignKeyModel>().ToList();
        var others = live.ForeignKeys.Where(key => !keys.Exists(wanted => IsSame(schema, wanted, key)) && !model.OutsideKeys.Any(wanted => IsSame(wanted, key))).ToList();
        foreach (var wanted in keys.Where(wanted => !live.ForeignKeys.Any(key => IsSame(schema, wanted, key))))
        {
            var expected = $"{Quote(wanted.ParentTable)} ({List(wanted.ParentColumns)})";
            var other = others.Find(key => key.Columns.ToHashSet().SetEquals(wanted.Columns));
            if (other is null)
            {
                yield return $"there is no foreign key on ({List(wanted.Columns)}) to {expected}";
            }
            else
            {
                others.Remove(other);
                yield return $"foreign key {Describe(other)}, not to {expected}";
            }
        }

        // Values made for the model would break a foreign key that the model does not know, unless one column of it stays NULL.
        foreach (var other in others.Where(key => !model.ForeignKeys.Any(wanted => IsSame(schema, wanted, key))).Where(key => key.Columns.Any(model.HasColumn)
            && !live.ForeignKeys.Any(kept => !others.Contains(kept) && kept.Columns.Count > key.Columns.Count && kept.Implies(key))
            && !key.Columns.Any(name => !model.HasColumn(name) && live.Find(name) is { TakesNull: true, HasDefault: false })))
        {
            yield return $"foreign key {Describe(other)}, which is not expected";
        }
    }

    private static string Describe(LiveForeignKey key) =>
        $"{Quote(key.Name)} on ({List(key.Columns)}) refers to {Identifier.Quote(key.ParentSchema, key.ParentTable)} ({List(key.ParentColumns)})";

    private static string Quote(string name) => Identifier.Quote(name);

    private static string List(IEnumerable<string> names) => string.Join(", ", names);
}

/// <summary>What a column in the database must be.</summary>
/// <param name="Name">Name.</param>
/// <param name="Type">Type as format_type spells it.</param>
/// <param name="HasSequence">True when a sequence must give the value.</param>
internal sealed record ExpectedColumn(string Name, string Type, bool HasSequence)
{
    /// <summary>True when the server must compute it.</summary>
    public bool IsGenerated { get; init; }

    /// <summary>True when it must take NULL.</summary>
    public bool IsNullable { get; init; }

    /// <summary>Values that the column's enum must have.</summary>
    public IReadOnlyList<string> Labels { get; init; } = [];
}

/// <summary>Says in words where a type in the database does not fit the one of the model.</summary>
internal static class TypeDifference
{
    /// <summary>What is different, a clause; null when the type fits. Values that the model does not know do no harm, and checks of
    /// a domain cannot be compared: the server keeps them in words of its own.</summary>
    public static string? Find(UserTypeModel model, LiveType live)
    {
        if (model.Pattern is not null)
        {
            return null; // it is used as it is
        }

        if (model.Base is { } over)
        {
            return live.BaseType is null ? "it is not a domain"
                : live.BaseType == over.ToCatalogName() ? null
                : $"it is over {live.BaseType}, not {over.ToCatalogName()}";
        }

        return live.Labels.Count == 0 ? "it is not an enum"
            : model.Labels.Except(live.Labels).FirstOrDefault() is { } missing ? $"it lacks the value \"{missing}\""
            : null;
    }

    /// <summary>The name of the user-defined type that a column needs and that does not fit; null when there is none.</summary>
    public static string? Find(ColumnType type, LiveSchema live) =>
        type.Element is { } element && type.UserType is null ? Find(element, live)
        : type.UserType is not { } userType ? null
        : live.Types.TryGetValue(userType.Name, out var found) && Find(userType, found) is not null ? userType.Name
        : userType.Base is { } over ? Find(over, live)
        : null;
}
