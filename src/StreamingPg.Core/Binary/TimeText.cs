using System.Globalization;

namespace StreamingPg.Core.Binary;

/// <summary>
/// Dates and times as text: ISO 8601 and what PostgreSQL prints with DateStyle ISO, and nothing else, so that no order of day and month
/// is guessed. Knows what .NET's calendar does not: BC, years after 9999, 24:00:00 and infinity.
/// </summary>
internal static class TimeText
{
    private const string BeforeChrist = " BC";

    /// <summary>Microseconds since 2000-01-01 in UTC, a time without a zone taken as it stands; null when the text is no time.</summary>
    public static long? Timestamp(string text) => UsualTimestamp(text) ?? Instant(text, TimeSpan.Zero);

    /// <summary>Microseconds since 2000-01-01 in UTC; null when the text is no time, or out of range.</summary>
    /// <param name="text">The time.</param>
    /// <param name="offset">Distance from UTC of a time without a zone; null when it must have one.</param>
    public static long? Instant(string text, TimeSpan? offset)
    {
        if (Infinity(text) is { } sign)
        {
            return sign > 0 ? PostgresTime.Infinity : PostgresTime.NegativeInfinity;
        }

        var scanner = new Scanner(text, out var isBeforeChrist);
        if (scanner.Date(isBeforeChrist) is not { } day)
        {
            return null;
        }

        var time = 0L;
        if (scanner.TakeAny("Tt ") && (scanner.Clock() is not { } clock || (time = clock) < 0))
        {
            return null;
        }

        var zone = scanner.Zone(out var isZoneWrong) ?? offset;
        if (isZoneWrong || !scanner.IsAtEnd || zone is null)
        {
            return null;
        }

        var microseconds = ((Int128)day * PostgresTime.Day) + time - (zone.Value.Ticks / TimeSpan.TicksPerMicrosecond);
        return microseconds >= PostgresTime.FirstTimestamp && microseconds < PostgresTime.EndOfTimestamps ? (long)microseconds : null;
    }

    /// <summary>True when the text says which zone it is meant in.</summary>
    public static bool HasZone(string text) => Infinity(text) is not null || Instant(text, offset: null) is not null;

    /// <summary>Days since 2000-01-01; null when the text is no date alone.</summary>
    public static int? Date(string text)
    {
        if (Infinity(text) is { } sign)
        {
            return sign > 0 ? PostgresTime.InfinityDate : PostgresTime.NegativeInfinityDate;
        }

        var scanner = new Scanner(text, out var isBeforeChrist);
        return scanner.Date(isBeforeChrist) is { } day && scanner.IsAtEnd && day is >= PostgresTime.FirstDate and < PostgresTime.EndOfDates
            ? (int)day
            : null;
    }

    /// <summary>Microseconds since midnight, up to 24:00:00; null when the text is no time of day.</summary>
    public static long? TimeOfDay(string text)
    {
        var scanner = new Scanner(text, out var isBeforeChrist);
        return !isBeforeChrist && scanner.Clock() is { } time && scanner.IsAtEnd ? time : null;
    }

    /// <summary>A date as PostgreSQL prints it.</summary>
    public static string OfDate(int days) => days switch
    {
        PostgresTime.InfinityDate => "infinity",
        PostgresTime.NegativeInfinityDate => "-infinity",
        _ => Printed(days, ""),
    };

    /// <summary>A timestamp as PostgreSQL prints it.</summary>
    /// <param name="microseconds">Since 2000-01-01.</param>
    /// <param name="hasZone">True for one with time zone, in UTC.</param>
    public static string OfTimestamp(long microseconds, bool hasZone)
    {
        if (microseconds is PostgresTime.Infinity or PostgresTime.NegativeInfinity)
        {
            return microseconds > 0 ? "infinity" : "-infinity";
        }

        var day = PostgresTime.DayOf(microseconds);
        return Printed(day, " " + OfTimeOfDay(microseconds - (day * PostgresTime.Day)) + (hasZone ? "+00" : ""));
    }

    /// <summary>A time of day as PostgreSQL prints it.</summary>
    public static string OfTimeOfDay(long microseconds)
    {
        var (seconds, fraction) = Math.DivRem(microseconds, 1_000_000);
        var clock = string.Create(CultureInfo.InvariantCulture, $"{seconds / 3600:00}:{seconds / 60 % 60:00}:{seconds % 60:00}");
        return fraction == 0 ? clock : string.Create(CultureInfo.InvariantCulture, $"{clock}.{fraction:000000}").TrimEnd('0');
    }

    private static string Printed(int day, string time)
    {
        var (year, month, dayOfMonth) = CivilDay.ToDate(day);
        return string.Create(
            CultureInfo.InvariantCulture, $"{(year > 0 ? year : 1 - year):0000}-{month:00}-{dayOfMonth:00}{time}{(year > 0 ? "" : BeforeChrist)}");
    }

    /// <summary>2026-01-31T12:30:59.123456 or 2026-01-31 12:30:59Z, as nearly all files have it; null for all that needs a closer look.</summary>
    private static long? UsualTimestamp(ReadOnlySpan<char> text)
    {
        text = text is [.., 'Z'] ? text[..^1] : text;
        if (text.Length is < 19 or 20 or > 26 || text is not [_, _, _, _, '-', _, _, '-', _, _, 'T' or ' ', _, _, ':', _, _, ':', _, _, ..]
            || (text.Length > 19 && text[19] != '.'))
        {
            return null;
        }

        var isRight = true;
        var (year, month, day) = (Digits(text[..4], ref isRight), Digits(text[5..7], ref isRight), Digits(text[8..10], ref isRight));
        var (hour, minute, second) = (Digits(text[11..13], ref isRight), Digits(text[14..16], ref isRight), Digits(text[17..19], ref isRight));
        var fraction = text.Length > 19 ? Digits(text[20..], ref isRight) : 0;
        for (var place = text.Length > 19 ? text.Length - 20 : 6; place < 6; place++)
        {
            fraction *= 10;
        }

        return isRight && year > 0 && hour < 24 && minute < 60 && second < 60 && CivilDay.FromDate(year, month, day) is { } date
            ? (date * PostgresTime.Day) + (((((hour * 60L) + minute) * 60) + second) * 1_000_000) + fraction
            : null;
    }

    private static int Digits(ReadOnlySpan<char> text, ref bool isRight)
    {
        var number = 0;
        foreach (var digit in text)
        {
            isRight &= char.IsAsciiDigit(digit);
            number = (number * 10) + digit - '0';
        }

        return number;
    }

    private static int? Infinity(string text)
    {
        var trimmed = text.AsSpan().Trim();
        return trimmed.Equals("infinity", StringComparison.OrdinalIgnoreCase) ? 1
            : trimmed.Equals("-infinity", StringComparison.OrdinalIgnoreCase) ? -1
            : null;
    }

    private ref struct Scanner
    {
        private ReadOnlySpan<char> _rest;

        public Scanner(string text, out bool isBeforeChrist)
        {
            _rest = text.AsSpan().Trim();
            isBeforeChrist = _rest.EndsWith(BeforeChrist, StringComparison.OrdinalIgnoreCase);
            if (isBeforeChrist)
            {
                _rest = _rest[..^BeforeChrist.Length];
            }
        }

        public readonly bool IsAtEnd => _rest.IsEmpty;

        /// <summary>2026-01-31 or 20260131, as days since 2000-01-01.</summary>
        public long? Date(bool isBeforeChrist)
        {
            var digits = CountDigits();
            int? year, month, day;
            if (digits == 8)
            {
                (year, month, day) = (Number(4), Number(2), Number(2));
            }
            else
            {
                year = digits is >= 4 and <= 7 ? Number(digits) : null;
                month = TakeAny("-") && CountDigits() == 2 ? Number(2) : null;
                day = TakeAny("-") && CountDigits() == 2 ? Number(2) : null;
            }

            return year is > 0 && month is not null && day is not null
                ? CivilDay.FromDate(isBeforeChrist ? 1 - year.Value : year.Value, month.Value, day.Value)
                : null;
        }

        /// <summary>12:30, 12:30:59 or 12:30:59.123456, in microseconds; finer digits are rounded, as PostgreSQL rounds them.</summary>
        public long? Clock()
        {
            if (Pair() is not { } hour || !TakeAny(":") || Pair() is not { } minute)
            {
                return null;
            }

            var (second, fraction) = (0, 0L);
            if (TakeAny(":"))
            {
                if (Pair() is not { } found)
                {
                    return null;
                }

                second = found;
                if (TakeAny(".,") && (Fraction() is not { } part || (fraction = part) < 0))
                {
                    return null;
                }
            }

            var time = (((((hour * 60L) + minute) * 60) + second) * 1_000_000) + fraction;
            return hour <= 24 && minute < 60 && second < 60 && time <= PostgresTime.Day ? time : null;
        }

        /// <summary>Z, +02, +0200, +02:00 or +00:53:28; null when there is none.</summary>
        public TimeSpan? Zone(out bool isWrong)
        {
            isWrong = false;
            if (_rest is [' ', '+' or '-', ..])
            {
                _rest = _rest[1..];
            }

            if (TakeAny("Zz"))
            {
                return TimeSpan.Zero;
            }

            var sign = TakeAny("+") ? 1 : TakeAny("-") ? -1 : 0;
            if (sign == 0)
            {
                return null;
            }

            var hours = Pair();
            var hasColon = TakeAny(":");
            var minutes = hasColon || !IsAtEnd ? Pair() : 0;
            var seconds = hasColon && TakeAny(":") ? Pair() : 0;
            isWrong = hours is null or > 15 || minutes is null or > 59 || seconds is null or > 59;
            return isWrong ? null : sign * new TimeSpan(hours!.Value, minutes!.Value, seconds!.Value);
        }

        public bool TakeAny(string characters)
        {
            var isThere = !_rest.IsEmpty && characters.Contains(_rest[0], StringComparison.Ordinal);
            _rest = isThere ? _rest[1..] : _rest;
            return isThere;
        }

        private long? Fraction()
        {
            var digits = CountDigits();
            if (digits == 0)
            {
                return null;
            }

            var fraction = _rest[..digits];
            _rest = _rest[digits..];
            var kept = 0L;
            for (var place = 0; place < 6; place++)
            {
                kept = (kept * 10) + (place < digits ? fraction[place] - '0' : 0);
            }

            var finer = digits > 6 ? fraction[6..].TrimEnd('0') : [];
            var isMore = finer.Length > 0 && (finer[0] > '5' || (finer[0] == '5' && (finer.Length > 1 || kept % 2 == 1)));
            return isMore ? kept + 1 : kept;
        }

        private int? Pair() => CountDigits() >= 2 ? Number(2) : null;

        private readonly int CountDigits()
        {
            var end = _rest.IndexOfAnyExceptInRange('0', '9');
            return end < 0 ? _rest.Length : end;
        }

        private int Number(int digits)
        {
            var number = int.Parse(_rest[..digits], NumberStyles.None, CultureInfo.InvariantCulture);
            _rest = _rest[digits..];
            return number;
        }
    }
}
