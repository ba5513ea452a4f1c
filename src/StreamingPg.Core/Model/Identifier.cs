namespace StreamingPg.Core.Model;

/// <summary>The one place where identifiers and literals become SQL text.</summary>
internal static class Identifier
{
    /// <summary>PostgreSQL's NAMEDATALEN - 1: names longer than this many UTF-8 bytes would be cut silently.</summary>
    public const int MaxBytes = 63;

    /// <summary>Quotes a name, so that any name is taken as it is (SQL: double quotes, doubled inside).</summary>
    public static string Quote(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        return "\"" + name.Replace("\"", "\"\"", StringComparison.Ordinal) + "\"";
    }

    /// <summary>Quotes schema and name, joined by a dot.</summary>
    public static string Quote(string schema, string name) => $"{Quote(schema)}.{Quote(name)}";

    /// <summary>Quotes several names, separated by commas.</summary>
    public static string QuoteList(IEnumerable<string> names) => string.Join(", ", names.Select(Quote));

    /// <summary>A string literal, for the few statements that take no parameters (COMMENT, SET).</summary>
    public static string Literal(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var quoted = "'" + value.Replace("'", "''", StringComparison.Ordinal) + "'";
        return value.Contains('\\', StringComparison.Ordinal) ? " E" + quoted.Replace("\\", "\\\\", StringComparison.Ordinal) : quoted;
    }

    /// <summary>Why a name cannot be an identifier of PostgreSQL, or null when it can.</summary>
    public static string? WhyInvalid(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (name.Length == 0)
        {
            return "the name is empty";
        }

        if (name.Contains('\0', StringComparison.Ordinal))
        {
            return "the name contains a NUL character";
        }

        var bytes = System.Text.Encoding.UTF8.GetByteCount(name);
        return bytes > MaxBytes ? $"the name has {bytes} bytes, but PostgreSQL allows only {MaxBytes}" : null;
    }
}
