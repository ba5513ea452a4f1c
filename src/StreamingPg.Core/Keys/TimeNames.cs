using System.Text.RegularExpressions;

namespace StreamingPg.Core.Keys;

/// <summary>Tells by their names which of a row's times comes first: created, started, updated, finished, deleted.</summary>
internal static partial class TimeNames
{
    /// <summary>Rank of what ends the life of a row; most rows live.</summary>
    public const int EndOfLife = 4;

    /// <summary>The rank of a name; null for one that says nothing.</summary>
    public static int? Rank(string column) => Joints().Replace(column, "_") switch
    {
        var name when Ended().IsMatch(name) => EndOfLife,
        var name when Finished().IsMatch(name) => 3,
        var name when Changed().IsMatch(name) => 2,
        var name when Started().IsMatch(name) => 1,
        var name when Created().IsMatch(name) => 0,
        _ => null,
    };

    // Between the words of revokedAt.
    [GeneratedRegex("(?<=[a-z0-9])(?=[A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Joints();

    [GeneratedRegex("(?i)(^|_)(deleted|removed|closed|archived|cancell?ed|revoked|banned|disabled|retired|deactivated)(_|$)|^(deleted?|closed?|archived?|removed?)_?(at|on|time|date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Ended();

    [GeneratedRegex("(?i)(^|_)(finished|finish|completed|ended|end|ends|stop|shipped|delivered|resolved|stopped|processed|paid|returned)(_|$)|^(finish(ed)?|completed?|end(ed)?)_?(at|on|time|date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Finished();

    [GeneratedRegex("(?i)(^|_)(updated|modified|changed|edited|update|modification)(_|$)|^(updated?|modified|edited?|changed?)_?(at|on|time|date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Changed();

    [GeneratedRegex("(?i)(^|_)(started|start|starts|opened|begun|begin|begins|published|approved|sent|assigned)(_|$)|^start(ed)?_?(at|on|time|date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Started();

    [GeneratedRegex("(?i)(^|_)(created|inserted|registered|ordered|order|added|joined|noted|creation|registration)(_|$)|^(created?|insert(ed)?|register(ed)?)_?(at|on|time|date)$", RegexOptions.CultureInvariant)]
    private static partial Regex Created();
}
