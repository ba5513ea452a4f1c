using StreamingPg.Core.Model;

namespace StreamingPg.Core.Generation.Relations;

/// <summary>Two ways from one row that must end at the same values, and begin with different foreign keys.</summary>
internal sealed record KeyAgreement(JoinPath Left, JoinPath Right);

/// <summary>Columns of the row that some foreign keys lead to, one after the other.</summary>
/// <param name="Keys">The foreign keys; the first belongs to the row that the way begins at.</param>
/// <param name="Columns">Columns of the row at the end.</param>
internal sealed record JoinPath(IReadOnlyList<ForeignKeyModel> Keys, IReadOnlyList<string> Columns)
{
    /// <summary>The key that the way begins with.</summary>
    public ForeignKeyModel First => Keys[0];
}
