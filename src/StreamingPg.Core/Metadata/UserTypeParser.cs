using System.Text;
using System.Text.Json;
using StreamingPg.Core.Generation.Random;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>Reads <c>$types</c>: the enums and domains that metadata defines itself, and the types of other schemas and of extensions.</summary>
internal static class UserTypeParser
{
    /// <summary>Name of the property.</summary>
    public const string Property = "$types";

    /// <summary>What a type may have.</summary>
    public static readonly string[] Properties = ["enum", "domain", "pattern", "check", "nullable", "schema", "name"];

    /// <summary>The types in the order of the document; a domain may be over one that stands before it.</summary>
    public static IReadOnlyList<UserTypeModel> Parse(MetadataPlace document, JsonElement element)
    {
        var place = document.Of(Property);
        place.Expect(element, JsonValueKind.Object, $"\"{Property}\"", "an object with one property per type");
        var types = new List<UserTypeModel>();
        foreach (var (name, value) in place.Properties(element, "type"))
        {
            types.Add(ParseType(place.Of(name), name, value, types));
        }

        return types;
    }

    private static UserTypeModel ParseType(
        MetadataPlace place, string name, JsonElement element, IReadOnlyCollection<UserTypeModel> before)
    {
        TableParser.CheckName(name, "a type", place);
        if (ColumnTypeDefinition.Find(name) is not null || name.EndsWith(']'))
        {
            throw place.Error("PostgreSQL already has a type with this name", "Choose another name.");
        }

        var type = new MetadataObject(place, element, "the type", "an object with \"enum\", \"domain\" or \"pattern\"", Properties);
        var parsed = (type.Has("enum"), type.Has("domain"), type.Has("pattern")) switch
        {
            (true, false, false) => ParseEnum(type, name),
            (false, true, false) => ParseDomain(type, name, before),
            (false, false, true) => ParsePattern(type, name),
            _ => throw place.Error("the type must have either \"enum\", \"domain\" or \"pattern\""),
        };
        return type.Text("schema") is { } schema
            ? parsed with { Schema = schema, LocalName = type.RequiredText("name", "a type of another schema") }
            : parsed;
    }

    private static UserTypeModel ParseEnum(MetadataObject type, string name)
    {
        var labels = type.Texts("enum")!;
        if (labels.FirstOrDefault(label => Encoding.UTF8.GetByteCount(label) > Identifier.MaxBytes) is { } tooLong)
        {
            throw type.Place.Error(
                $"the label \"{tooLong}\" has {Encoding.UTF8.GetByteCount(tooLong)} bytes, but PostgreSQL allows only {Identifier.MaxBytes}");
        }

        return !type.Has("check") && !type.Has("nullable")
            ? new UserTypeModel { Name = name, Labels = labels }
            : throw type.Place.Error("an enum cannot have \"check\" or \"nullable\"", "Set them for the column, or for a domain over the enum.");
    }

    /// <summary>A type that is there already: metadata says only what its values look like.</summary>
    private static UserTypeModel ParsePattern(MetadataObject type, string name)
    {
        var pattern = type.RequiredText("pattern", "the type");
        try
        {
            PatternParser.Parse(pattern);
        }
        catch (FormatException exception)
        {
            throw type.Place.Error($"the pattern \"{pattern}\" is not supported: {exception.Message}");
        }

        return type.Has("schema")
            ? new UserTypeModel { Name = name, Pattern = pattern }
            : throw type.Place.Error("a type with \"pattern\" must have \"schema\" and \"name\": it is used where it is, and never created");
    }

    private static UserTypeModel ParseDomain(MetadataObject type, string name, IReadOnlyCollection<UserTypeModel> before)
    {
        if (!ColumnType.TryParse(type.RequiredText("domain", "the type"), before, out var over, out var reason))
        {
            throw type.Place.Error(reason);
        }

        return over == over.WithoutSequence()
            ? new UserTypeModel
            {
                Name = name,
                Base = over,
                Checks = type.Read("check", (value, what) => Checks(type.Place, value, what)) ?? [],
                IsNullable = type.Flag("nullable") ?? true,
            }
            : throw type.Place.Error($"{over.ToSql()} cannot be the base type of a domain", $"Use {over.WithoutSequence().ToSql()}.");
    }

    private static IReadOnlyList<string> Checks(MetadataPlace place, JsonElement element, string what)
    {
        var checks = element.ValueKind == JsonValueKind.Array ? place.Texts(element, what) : [place.Text(element, what)];
        return checks.All(check => !string.IsNullOrWhiteSpace(check)) ? checks : throw place.Error($"{what} is empty");
    }
}
