using System.Text.Json;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Metadata;

/// <summary>An object of a metadata document whose properties are all known ones.</summary>
internal sealed class MetadataObject
{
    private readonly Dictionary<string, JsonElement> _properties = new(StringComparer.Ordinal);

    /// <summary>Reads an object.</summary>
    /// <param name="place">Where it stands.</param>
    /// <param name="element">The object.</param>
    /// <param name="what">What it is, for errors.</param>
    /// <param name="expected">What it must be, for errors.</param>
    /// <param name="known">The properties that it may have; null when any will do.</param>
    /// <exception cref="StreamingException">It is no object, or has a property that is not known or stands there twice.</exception>
    public MetadataObject(MetadataPlace place, JsonElement element, string what, string expected, IReadOnlyCollection<string>? known)
    {
        Place = place;
        place.Expect(element, JsonValueKind.Object, what, expected);
        foreach (var (name, value) in place.Properties(element, "property"))
        {
            _properties[name] = known is null || known.Contains(name, StringComparer.Ordinal)
                ? value
                : throw place.Error($"the property \"{name}\" is unknown", MetadataError.Suggest(name, known));
        }
    }

    /// <summary>Where it stands.</summary>
    public MetadataPlace Place { get; }

    /// <summary>The names of its properties, in the order of the document.</summary>
    public IReadOnlyCollection<string> Names => _properties.Keys;

    /// <summary>True when the property is there.</summary>
    public bool Has(string name) => _properties.ContainsKey(name);

    /// <summary>The property, or null.</summary>
    public JsonElement? Find(string name) => _properties.TryGetValue(name, out var value) ? value : null;

    /// <summary>What <paramref name="read"/> makes of a property; null when it is not there.</summary>
    public TValue? Read<TValue>(string name, Func<JsonElement, string, TValue> read)
        where TValue : class => Find(name) is { } value ? read(value, Quote(name)) : null;

    /// <summary>Text, or null when the property is not there.</summary>
    public string? Text(string name) => Read(name, Place.Text);

    /// <summary>Text that must be there.</summary>
    public string RequiredText(string name, string what) => Text(name) ?? throw Place.Error($"{what} has no {Quote(name)}");

    /// <summary>Text of which something is left without blanks.</summary>
    public string? FilledText(string name) => Text(name) is not { } text || !string.IsNullOrWhiteSpace(text)
        ? Text(name)
        : throw Place.Error($"{Quote(name)} is empty");

    /// <summary>Several texts, or null when the property is not there.</summary>
    public IReadOnlyList<string>? Texts(string name) => Read(name, Place.Texts);

    /// <summary>True or false, or null when the property is not there.</summary>
    public bool? Flag(string name) => Find(name) switch
    {
        null => null,
        { ValueKind: JsonValueKind.True or JsonValueKind.False } value => value.GetBoolean(),
        { } value => throw Place.Unexpected(value, Quote(name), "true or false"),
    };

    /// <summary>A number, or null when the property is not there.</summary>
    /// <param name="name">The property.</param>
    /// <param name="minimum">The least that it may be.</param>
    /// <param name="maximum">The most that it may be.</param>
    public double? Number(string name, double minimum, double maximum)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        var number = Place.Number(value, Quote(name));
        return number >= minimum && number <= maximum
            ? number
            : throw Place.Error(FormattableString.Invariant($"{Quote(name)} is {number}, but it must be {Range(minimum, maximum)}"));
    }

    /// <summary>A whole number, or null when the property is not there.</summary>
    /// <param name="name">The property.</param>
    /// <param name="minimum">The least that it may be.</param>
    /// <param name="maximum">The most that it may be.</param>
    public long? WholeNumber(string name, long minimum, long maximum)
    {
        var number = Number(name, minimum, maximum);
        return number is null || Math.Truncate(number.Value) == number
            ? (long?)number
            : throw Place.Error(FormattableString.Invariant($"{Quote(name)} is {number}, but it must be a whole number"));
    }

    /// <summary>A duration above zero, or null when the property is not there.</summary>
    public TimeSpan? Duration(string name)
    {
        if (Find(name) is not { } value)
        {
            return null;
        }

        var text = value.ValueKind == JsonValueKind.Number ? value.GetRawText() : Place.Text(value, Quote(name));
        return DurationText.Parse(text) is { } duration && duration > TimeSpan.Zero
            ? duration
            : throw Place.Error($"{Quote(name)} is {value.GetRawText()}, but it must be a duration above zero", $"Write one {DurationText.Examples}.");
    }

    private static string Quote(string name) => $"\"{name}\"";

    private static string Range(double minimum, double maximum) => maximum == double.MaxValue
        ? FormattableString.Invariant($"{minimum} or more")
        : FormattableString.Invariant($"from {minimum} to {maximum}");
}
