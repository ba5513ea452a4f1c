namespace StreamingPg.Core.Generation.Relations;

/// <summary>Two ways from one row that must end at the same values, and begin with different foreign keys.</summary>
internal sealed record KeyAgreement(KeyWay Left, KeyWay Right);
