using System.Text.RegularExpressions;

namespace StreamingPg.Core.Discovery;

/// <summary>Tells by its name whether a column may hold data about a person. Such a column is taken as sensitive.</summary>
internal static partial class PersonalData
{
    /// <summary>True when the name of a column sounds like personal data.</summary>
    public static bool IsLikely(string column) => Pattern().IsMatch(column);

    // Rather one column too many: who wants its values says "sensitive": false in the metadata that is given along.
    [GeneratedRegex(
        "name|mail|phone|mobile|fax|address|street|zip|postal|postcode|city|birth|dob|gender|sex|religio|ethnic|nation|iban|account|card|ssn|"
        + "social|passport|licen[cs]e|tax|salary|income|wage|password|secret|token|login|user|signature|photo|picture|health|diagnos|blood|"
        + "latitude|longitude|^(lat|lon|lng|ip|ip_.*|.*_ip)$|contact|comment|note|remark|message",
        RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Pattern();
}
