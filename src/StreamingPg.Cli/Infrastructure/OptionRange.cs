using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace StreamingPg.Cli.Infrastructure;

/// <summary>Ranges of option values; what lies outside is wrong usage.</summary>
internal static class OptionRange
{
    /// <summary>Takes values from <paramref name="least"/> to <paramref name="most"/>.</summary>
    public static Option<T> Between<T>(this Option<T> option, T least, T most)
        where T : IParsable<T>, IComparable<T> =>
        Where(option, value => value.CompareTo(least) >= 0 && value.CompareTo(most) <= 0, $"from {least} to {most}");

    /// <summary>Takes values of at least <paramref name="least"/>.</summary>
    public static Option<T> AtLeast<T>(this Option<T> option, T least)
        where T : IParsable<T>, IComparable<T> =>
        Where(option, value => value.CompareTo(least) >= 0, $"{least} or more");

    /// <summary>Takes values of at least <paramref name="least"/>, or none.</summary>
    public static Option<T?> AtLeast<T>(this Option<T?> option, T least)
        where T : struct, IParsable<T>, IComparable<T>
    {
        option.CustomParser = result => Parse(result, option, (T value) => value.CompareTo(least) >= 0, $"{least} or more", out var value) ? value : null;
        return option;
    }

    private static Option<T> Where<T>(Option<T> option, Func<T, bool> fits, string range)
        where T : IParsable<T>
    {
        option.CustomParser = result => Parse(result, option, fits, range, out var value) ? value : default;
        return option;
    }

    private static bool Parse<T>(ArgumentResult result, Option option, Func<T, bool> fits, string range, out T? value)
        where T : IParsable<T>
    {
        var text = result.Tokens.Single().Value;
        if (T.TryParse(text, CultureInfo.InvariantCulture, out value) && fits(value))
        {
            return true;
        }

        result.AddError($"{option.Name} takes <{option.HelpName}>, {range}, and not '{text}'.");
        return false;
    }
}
