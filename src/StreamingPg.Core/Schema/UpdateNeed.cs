namespace StreamingPg.Core.Schema;

/// <summary>What it takes for a step of an update to be taken.</summary>
internal enum UpdateNeed
{
    /// <summary>Nothing: it is safe.</summary>
    Nothing,

    /// <summary>That the user asks for integers to be widened.</summary>
    WidenIntegers,

    /// <summary>That no row stands against it.</summary>
    NoRows,

    /// <summary>That the user takes the loss of data.</summary>
    Force,

    /// <summary>It is for a person to do.</summary>
    Person,
}
