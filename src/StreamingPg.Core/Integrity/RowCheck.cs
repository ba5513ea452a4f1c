using StreamingPg.Core.Model;

namespace StreamingPg.Core.Integrity;

/// <summary>A check that a row passes or does not, by itself or beside a parent it refers to.</summary>
/// <param name="Text">Its name and meaning.</param>
/// <param name="Offends">SQL that is true for an offending row <c>c</c> and its parent <c>p</c>.</param>
/// <param name="Beside">The foreign key to the parent that is needed; null when the row alone tells.</param>
internal sealed record RowCheck(CheckText Text, string Offends, ForeignKeyModel? Beside = null);
