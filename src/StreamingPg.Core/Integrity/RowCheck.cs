namespace StreamingPg.Core.Integrity;

/// <summary>A check that one row, with the parents it refers to, passes or does not.</summary>
/// <param name="Text">Its name and meaning.</param>
/// <param name="Offends">SQL that is true for an offending row: the row is <c>c</c>, the parent of its n-th foreign key <c>p</c>n.</param>
internal sealed record RowCheck(CheckText Text, string Offends);
