using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads a column: its type, its keys and, by <see cref="ColumnRuleParser"/>, which values it gets.</summary>
/// <param name="place">Where the column stands.</param>
/// <param name="userTypes">The types that metadata defines itself.</param>
internal sealed class ColumnParser(MetadataPlace place, IReadOnlyCollection<UserTypeModel> userTypes)
{
    /// <summary>What a column may have.</summary>
    public static readonly string[] Properties =
        ["type", "primary_key", "foreign_key", "auto_increment", "description", MaxLength, .. ServerValueParser.Properties, .. ColumnRuleParser.Properties];

    /// <summary>Maximum characters of a text, where the type does not say it.</summary>
    public const string MaxLength = "max_length";

    /// <summary>What a foreign key of a single column has.</summary>
    public static readonly string[] ForeignKeyProperties = ["table", "column", ForeignKeyParser.SharedParent];

    private static readonly string[] SystemColumns = ["tableoid", "xmin", "cmin", "xmax", "cmax", "ctid"];

    public ColumnModel Parse(string name, JsonElement element, List<ReferenceDraft> references)
    {
        TableParser.CheckName(name, "a column", place);
        if (SystemColumns.Contains(name, StringComparer.Ordinal))
        {
            throw place.Error("PostgreSQL reserves this name for a system column", "Choose another name.");
        }

        var column = new MetadataObject(place, element, "the column", "an object with \"type\"", Properties);
        var type = ApplyAutoIncrement(column, ParseType(column));
        var model = new ColumnModel(
            name,
            type,
            column.Flag("primary_key") ?? false,
            IsAutoIncrement: type != type.WithoutSequence(),
            column.Text("description"));
        model = ServerValueParser.Apply(ColumnRuleParser.Apply(model, column, userTypes), column);
        if (column.Find("foreign_key") is { } foreignKey)
        {
            references.Add(ParseForeignKey(model, foreignKey));
        }

        return model;
    }

    private ColumnType ParseType(MetadataObject column) => ParseType(column, "the column", userTypes);

    /// <summary>The type of a column, or of a property of a JSON object.</summary>
    public static ColumnType ParseType(MetadataObject column, string what, IReadOnlyCollection<UserTypeModel> userTypes)
    {
        var text = column.RequiredText("type", what);
        var name = userTypes.Any(known => known.Name == text) ? text : text.ToUpperInvariant() switch
        {
            "STRING" => "TEXT",
            "OBJECT" => "JSONB",
            _ => text,
        };
        if (!ColumnType.TryParse(name, userTypes, out var type, out var reason))
        {
            throw column.Place.Error(reason);
        }

        return column.WholeNumber(MaxLength, 1, ColumnTypeDefinition.MaxLength) is not { } length ? type
            : type is { Kind: ColumnKind.Text or ColumnKind.VarChar, Length: null, UserType: null } ? new ColumnType(ColumnKind.VarChar, Length: (int)length)
            : throw column.Place.Error($"\"{MaxLength}\" needs STRING, TEXT or VARCHAR without a length, but the type is {text}", "Remove it.");
    }

    /// <summary>SERIAL is auto_increment by itself, and INTEGER with auto_increment is SERIAL: one thing, one type.</summary>
    private ColumnType ApplyAutoIncrement(MetadataObject column, ColumnType type)
    {
        var integer = type.WithoutSequence();
        return column.Flag("auto_increment") switch
        {
            false when integer != type => throw place.Error(
                $"{type.ToSql()} takes its values from a sequence, but \"auto_increment\" is false", $"Use {integer.ToSql()} instead."),
            true when !column.Has("identity") => type.WithSequence() ?? throw place.Error(
                $"auto_increment needs an integer type, but the type is {type.ToSql()}", "Use SERIAL."),
            _ => type,
        };
    }

    private ReferenceDraft ParseForeignKey(ColumnModel column, JsonElement element)
    {
        var (parentTable, parentColumn, agreement) = ReadParent(element);
        return column.IsAutoIncrement
            ? throw place.Error(
                $"a {(column.Identity is null ? column.Type.ToSql() : "identity")} column cannot refer to another table: its values come from a sequence",
                $"Use {column.Type.WithoutSequence().ToSql()}.")
            : new ReferenceDraft(column, parentTable, parentColumn, agreement);
    }

    private (string Table, string Column, ParentAgreement Agreement) ReadParent(JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.String)
        {
            var parent = ColumnRuleParser.Reference(place, place.Text(element, "\"foreign_key\""), "\"foreign_key\"");
            return (parent.Table, parent.Column, ParentAgreement.Required);
        }

        var key = new MetadataObject(
            place, element, "\"foreign_key\"", "\"table.column\", or an object with \"table\" and \"column\"", ForeignKeyProperties);
        return (key.RequiredText("table", "\"foreign_key\""), key.RequiredText("column", "\"foreign_key\""), ForeignKeyParser.AgreementOf(key));
    }
}
