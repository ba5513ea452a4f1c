namespace StreamingPg.Core.Generation.Generators;

/// <summary>A generator that the name of a column suggests.</summary>
/// <param name="Kind">The generator.</param>
/// <param name="Names">The names, in lower case, words joined by underscores; a column may have more words before them.</param>
internal sealed record NameRule(string Kind, params string[] Names);
