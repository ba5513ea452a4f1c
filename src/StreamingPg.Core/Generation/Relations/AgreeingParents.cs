namespace StreamingPg.Core.Generation.Relations;

/// <summary>Parents that go with a value: those that have it, and those that say nothing.</summary>
/// <param name="Same">Numbers of those that have it.</param>
/// <param name="Silent">Numbers of those that say nothing.</param>
internal readonly record struct AgreeingParents(IReadOnlyList<int> Same, IReadOnlyList<int> Silent)
{
    public int Count => Same.Count + Silent.Count;

    public int this[int index] => index < Same.Count ? Same[index] : Silent[index - Same.Count];
}
