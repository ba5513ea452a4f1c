using System.Globalization;
using System.Text.Json.Nodes;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Discovery;

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
