using System.Text.Json;
using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads what a column says of values that the server gives: a sequence, a default, an expression.</summary>
internal static class ServerValueParser
{
    /// <summary>The properties.</summary>
    public static readonly string[] Properties = ["identity", "generated", "default"];

    /// <summary>The properties of a <c>default</c> that is an expression.</summary>
    public static readonly string[] DefaultProperties = ["sql"];

    // What says which value a column gets, or that it has none.
    private static readonly string[] OtherOrigins =
        ["primary_key", "foreign_key", "auto_increment", "null_ratio", "min", "max", RuleParser.When, .. ColumnRuleParser.Origins];

    public static ColumnModel Apply(ColumnModel column, MetadataObject properties)
    {
        var model = column with
        {
            Identity = Identity(column, properties),
            Expression = properties.FilledText("generated"),
            DefaultSql = properties.Find("default") is { } value ? Default(column.Type, properties.Place, value) : null,
        };
        model = model with { IsAutoIncrement = column.IsAutoIncrement || model.Identity is not null };
        CheckTogether(model, properties);
        return model;
    }

    private static void CheckTogether(ColumnModel column, MetadataObject properties)
    {
        var place = properties.Place;
        if (column.Expression is not null && OtherOrigins.Append("default").Append("identity").FirstOrDefault(properties.Has) is { } other)
        {
            throw place.Error($"\"generated\" lets the server compute the value, but \"{other}\" says otherwise", "Remove one of them.");
        }

        if (column.DefaultSql is not null && column.IsAutoIncrement)
        {
            throw place.Error("the value comes from a sequence, but \"default\" defines another", "Remove one of them.");
        }

        if (column.IsAutoIncrement && (column.IsNullable == true || column.NullRatio > 0))
        {
            throw place.Error("the value comes from a sequence, so it is never NULL", "Take \"nullable\" out.");
        }
    }

    private static IdentityKind? Identity(ColumnModel column, MetadataObject properties)
    {
        if (properties.Text("identity") is not { } text)
        {
            return null;
        }

        var place = properties.Place;
        if (column.Type.WithSequence() is not { } sequence || sequence == column.Type)
        {
            throw place.Error($"\"identity\" needs SMALLINT, INTEGER or BIGINT, but the type is {column.Type.ToSql()}");
        }

        return (text, properties.Flag("auto_increment")) switch
        {
            (_, false) => throw place.Error("\"identity\" generates the value, but \"auto_increment\" is false", "Remove one of them."),
            ("always", _) => IdentityKind.Always,
            ("by default", _) => IdentityKind.ByDefault,
            _ => throw place.Error($"\"identity\" is \"{text}\", but it must be \"always\" or \"by default\""),
        };
    }

    /// <summary>The SQL of a default: an expression, or a value that must fit the column.</summary>
    private static string Default(ColumnType type, MetadataPlace place, JsonElement element)
    {
        if (element.ValueKind == JsonValueKind.Object && (type.Kind is not (ColumnKind.Json or ColumnKind.Jsonb) || IsExpression(element)))
        {
            var expression = new MetadataObject(place, element, "\"default\"", "a value, or an object with \"sql\"", DefaultProperties);
            return expression.FilledText("sql") ?? throw place.Error("\"default\" has no \"sql\"");
        }

        if (element.ValueKind == JsonValueKind.Null)
        {
            return "NULL";
        }

        var isJson = type.Kind is ColumnKind.Json or ColumnKind.Jsonb;
        return Literal(type, place, isJson ? element.GetRawText() : place.Value(element, "\"default\""));
    }

    private static bool IsExpression(JsonElement element) =>
        element.EnumerateObject().Count() == 1 && element.EnumerateObject().First().NameEquals("sql");

    private static string Literal(ColumnType type, MetadataPlace place, object value)
    {
        try
        {
            // What an empty text means in a file of values, nothing, it does not mean here.
            var field = value is "" && !type.IsText ? throw new FormatException("it is empty") : FieldCodec.Encode(type, value);
            var text = ValueText.Of(FieldCodec.Read(type, field));
            return type.IsInteger || type.Kind is ColumnKind.Decimal or ColumnKind.Boolean ? text : Identifier.Literal(text).TrimStart();
        }
        catch (FormatException exception)
        {
            throw place.Error($"\"default\" does not fit {type.ToSql()}: {exception.Message}");
        }
    }
}
