using System.Globalization;
using System.Text.Json.Nodes;
using StreamingPg.Core.Catalog;
using StreamingPg.Core.Checks;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

/// <summary>Writes the columns of a table as metadata.</summary>
internal sealed class ColumnWriter
{
    private readonly TableSelection _selection;
    private readonly LiveTable _table;
    private readonly IReadOnlyDictionary<ColumnReference, LearntColumn> _learnt;
    private readonly IReadOnlyDictionary<string, PartitionBounds> _partitions;

    public ColumnWriter(
        TableSelection selection, LiveTable table, IReadOnlyDictionary<ColumnReference, LearntColumn> learnt)
    {
        _selection = selection;
        _table = table;
        _learnt = learnt;
        _partitions = PartitionBounds.Of(table, Notes);
    }

    /// <summary>What could not be taken over.</summary>
    public List<DiscoveryNote> Notes { get; } = [];

    /// <summary>True for a foreign key that the column itself can name: of one column, the only one there, to a key of one column.</summary>
    public static bool IsWrittenAtColumn(TableSelection selection, LiveTable table, LiveForeignKey key) =>
        key is { IsDeferrable: false, Columns: [var column] }
        && !selection.IsOutside(key)
        && table.ForeignKeys.Count(other => other.Columns.Contains(column, StringComparer.Ordinal)) == 1
        && selection.Table(key.ParentTable).PrimaryKey.SequenceEqual(key.ParentColumns);

    public JsonObject Write(LiveColumn column)
    {
        var json = new JsonObject { ["type"] = TypeOf(column).ToSql() };
        var isKey = _table.PrimaryKey.Contains(column.Name, StringComparer.Ordinal);
        if (isKey)
        {
            json["primary_key"] = true;
        }

        if (_table.ForeignKeys.Find(key => key.Columns.Contains(column.Name, StringComparer.Ordinal)) is { } foreignKey
            && IsWrittenAtColumn(_selection, _table, foreignKey))
        {
            var reference = new JsonObject { ["table"] = foreignKey.ParentTable, ["column"] = foreignKey.ParentColumns[0] };
            DocumentWriter.AddAgreement(reference, foreignKey);
            json["foreign_key"] = reference;
        }

        if (column.Comment is not null)
        {
            json["description"] = column.Comment;
        }

        if (!isKey)
        {
            AddNullability(json, column);
        }

        if (!column.IsGenerated && !(isKey && _table.PrimaryKey.Count == 1)
            && _table.UniqueKeys.Any(index => index.Columns.Where(name => _selection.Has(_table, name)).SequenceEqual([column.Name])))
        {
            json["unique"] = true;
        }

        AddServerValue(json, column);
        if (_partitions.TryGetValue(column.Name, out var bounds))
        {
            bounds.AddTo(json);
        }

        if (_learnt.TryGetValue(new ColumnReference(_table.Name, column.Name), out var learnt))
        {
            learnt.AddTo(json);
        }

        NumberOrder.AddTo(_table, column, json);
        TimeOrder.AddTo(_table, column, json, name => _selection.Has(_table, name));
        return json;
    }

    /// <summary>SERIAL and its siblings where a sequence gives the default; an identity says so beside its type.</summary>
    private ColumnType TypeOf(LiveColumn column) =>
        TakesSequence(column) && column.Identity is null ? column.Type!.WithSequence() ?? column.Type : column.Type!;

    private bool TakesSequence(LiveColumn column) =>
        column.HasSequence && !_table.ForeignKeys.Exists(key => key.Columns.Contains(column.Name, StringComparer.Ordinal));

    private void AddNullability(JsonObject json, LiveColumn column)
    {
        if (column.IsGenerated)
        {
            return;
        }

        if (column.Identity is null && (!TakesSequence(column) || !column.TakesNull))
        {
            json["nullable"] = column.TakesNull;
        }
    }

    private void AddServerValue(JsonObject json, LiveColumn column)
    {
        if (column.Identity is { } identity && TakesSequence(column))
        {
            json["identity"] = identity == IdentityKind.Always ? "always" : "by default";
        }
        else if (column.IsGenerated)
        {
            json["generated"] = column.Expression;
        }
        else if (column.Expression is not null && TypeOf(column) == column.Type)
        {
            json["default"] = Default(column);
            if (TakesSequence(column))
            {
                json["generator"] = GeneratorModel.ServerDefault; // a sequence behind a type that has no SERIAL
            }
        }
    }

    /// <summary>A constant of a plain type as a value, everything else as SQL.</summary>
    private static JsonNode Default(LiveColumn column)
    {
        var constant = SqlConstant.Find(column.Expression!);
        return (constant, column.Type!) switch
        {
            ({ } text, { IsText: true, UserType: null }) => text,
            ("true" or "false", { Kind: ColumnKind.Boolean, UserType: null }) => constant == "true",
            ({ } number, { IsInteger: true, UserType: null }) when long.TryParse(number, out var value) => value,
            _ => new JsonObject { ["sql"] = column.Expression },
        };
    }
}

/// <summary>Values of columns as they stand in metadata.</summary>
internal static class JsonValues
{
    /// <summary>A value that the server spells as text: numbers become numbers, truth values true or false.</summary>
    public static JsonNode Of(ColumnType type, string text) => type switch
    {
        { Kind: ColumnKind.Boolean } => text is "t" or "true",
        { IsInteger: true } or { Kind: ColumnKind.Decimal or ColumnKind.Real or ColumnKind.DoublePrecision }
            when decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) => number,
        { Kind: ColumnKind.Char } => text.TrimEnd(' '),
        _ => text,
    };

    /// <summary>A number or a text.</summary>
    public static JsonNode Of(object value) => value is decimal number ? number : (string)value;
}
