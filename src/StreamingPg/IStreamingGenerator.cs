namespace StreamingPg;

/// <summary>
/// A generator of your own. Implement it in a .NET assembly with a public class that has a constructor without parameters, and pass the
/// assembly as <c>-GeneratorPath</c> (<c>--generator-path</c>); metadata then names it like any other generator.
/// </summary>
public interface IStreamingGenerator
{
    /// <summary>Its name in metadata, such as <c>crm.reference</c>.</summary>
    string Name { get; }

    /// <summary>What its values are, in a few words.</summary>
    string Description { get; }

    /// <summary>
    /// Makes the values of a block of rows. It is called from several threads at once, with the blocks in any order: values must depend
    /// on the rows and on <paramref name="random"/> alone, so that the same seed gives the same rows.
    /// </summary>
    /// <param name="rows">The rows.</param>
    /// <param name="random">Random numbers, seeded for this block.</param>
    /// <returns>One value per row, in order, null for NULL; each must fit the type of the column.</returns>
    IReadOnlyList<object?> Generate(GeneratorRows rows, Random random);
}
