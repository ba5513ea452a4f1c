using StreamingPg.Core.Binary;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Random;

/// <summary>The fewest and the most characters of a text column.</summary>
/// <param name="Least">The fewest.</param>
/// <param name="Most">The most.</param>
internal readonly record struct TextBounds(int Least, int Most)
{
    private const int UsualSpan = 20;
    private const int Longest = 1_000_000;

    /// <summary>The bounds of a column that has at least one of them.</summary>
    /// <exception cref="FormatException">They are no lengths, exclude each other or do not fit; the message is the reason alone.</exception>
    public static TextBounds Of(ColumnModel column)
    {
        var room = Math.Min(column.Type.Length ?? Longest, Longest);
        var least = Length(column.Minimum, "min");
        var most = Length(column.Maximum, "max");
        if (least > room || (least > most))
        {
            throw new FormatException(least > room
                ? $"\"min\" requires {least} characters, but the column takes only {room}"
                : $"\"min\" is {least} and \"max\" is {most}: no length lies between them");
        }

        var (shortest, longest) = column.Distribution?.Bounds is { } bounds
            ? (Length(bounds[0], "bounds"), Length(bounds[^1], "bounds"))
            : (1, (int?)null);
        least ??= Math.Min(shortest!.Value, Math.Min(room, most ?? room));
        return new TextBounds(least.Value, Math.Max(least.Value, Math.Min(room, most ?? longest ?? (least.Value + UsualSpan))));
    }

    private static int? Length(object? bound, string name) => bound switch
    {
        null => null,
        decimal number when number is >= 0 and <= Longest && decimal.Truncate(number) == number => (int)number,
        _ => throw new FormatException($"\"{name}\" is {FieldCodec.Describe(bound)}, but for text it must be a length from 0 to {Longest}"),
    };
}
