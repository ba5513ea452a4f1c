using StreamingPg.Core.Model;

namespace StreamingPg.Core.Keys;

/// <summary>Tells by their names the foreign keys that say who did something.</summary>
internal static class PersonKeys
{
    private static readonly string[] Persons =
    [
        "account", "actor", "agent", "assignee", "author", "by", "contact", "creator", "customer", "editor", "employee", "member", "moderator", "owner",
        "people", "person", "poster", "recipient", "reporter", "reviewer", "sender", "staff", "user", "voter",
    ];

    /// <summary>True when a key refers to a person.</summary>
    public static bool Is(ForeignKeyModel key) => IsPerson(key.ParentTable) || key.Columns.Any(IsPerson);

    /// <summary>True for the name of a person, or of a table of people.</summary>
    public static bool IsPerson(string name)
    {
        var words = name.ToLowerInvariant().Split('_').Where(word => word is not "id" and not "uuid").ToList();
        return words.Count > 0 && (Persons.Contains(words[^1], StringComparer.Ordinal) || Persons.Contains(words[^1].TrimEnd('s'), StringComparer.Ordinal));
    }
}
