namespace StreamingPg.Core.Loading.Import;

/// <summary>Finds names as scripts write them: <c>UserId</c>, <c>user_id</c> and <c>userid</c> are one. An exact match goes first.</summary>
internal sealed class NameLookup
{
    private const int Ambiguous = -2;
    private const int Missing = -1;

    private readonly Dictionary<string, int> _exact = new(StringComparer.Ordinal);
    private readonly Dictionary<string, int> _alike = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>A lookup of these names.</summary>
    public NameLookup(IEnumerable<string> names)
    {
        ArgumentNullException.ThrowIfNull(names);
        foreach (var name in names)
        {
            var index = _exact.Count;
            _exact.Add(name, index);
            _alike[Plain(name)] = _alike.ContainsKey(Plain(name)) ? Ambiguous : index;
        }
    }

    /// <summary>Position of the name, or -1 when none matches or several are alike.</summary>
    public int IndexOf(string name) =>
        _exact.TryGetValue(name, out var index) ? index : Math.Max(Missing, _alike.GetValueOrDefault(Plain(name), Missing));

    private static string Plain(string name) => name.Replace("_", "", StringComparison.Ordinal);
}
