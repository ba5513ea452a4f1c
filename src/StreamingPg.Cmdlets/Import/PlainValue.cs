using System.Collections;
using System.Collections.Specialized;
using System.Management.Automation;
using System.Management.Automation.Internal;

namespace StreamingPg.Cmdlets.Import;

/// <summary>Values without PowerShell's wrapping, nested ones too: an object of properties is a dictionary.</summary>
internal static class PlainValue
{
    /// <summary>What is nested deeper, or has itself inside, stays wrapped, and is refused with its place.</summary>
    private const int MostLevels = 300;

    public static object? Of(object? value) => Of(value, 0);

    private static object? Of(object? value, int level) => value switch
    {
        null or DBNull => null,
        _ when level > MostLevels || value == AutomationNull.Value => level > MostLevels ? value : null,
        PSObject { BaseObject: PSCustomObject } wrapped => Pairs(wrapped.Properties.Select(static property => (property.Name, (object?)property.Value)), level),
        PSObject wrapped => Of(wrapped.BaseObject, level),
        IDictionary pairs => Pairs(pairs.Keys.Cast<object>().Select(key => (key, (object?)pairs[key])), level),
        object[] or ArrayList or List<object> or List<PSObject> => ((IEnumerable)value).Cast<object?>().Select(item => Of(item, level + 1)).ToArray(),
        _ => value,
    };

    private static OrderedDictionary Pairs<TKey>(IEnumerable<(TKey Key, object? Value)> pairs, int level)
        where TKey : notnull
    {
        var plain = new OrderedDictionary();
        foreach (var (key, value) in pairs)
        {
            plain.Add(key is PSObject wrapped ? wrapped.BaseObject : key, Of(value, level + 1));
        }

        return plain;
    }
}
