using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>Knows the name of the person that a row is about, so that addresses can belong to it.</summary>
internal interface IPersonNames
{
    /// <summary>The pools that the names are from.</summary>
    ValuePools Pools { get; }

    /// <summary>Which first and which last name a row has.</summary>
    (int First, int Last) Choose(long row);
}
