namespace StreamingPg.Core.Model;

/// <summary>Type of a column, with its length or precision.</summary>
/// <param name="Kind">Which type.</param>
/// <param name="Length">Most characters of a <see cref="ColumnKind.VarChar"/>; null means no limit.</param>
/// <param name="Precision">Most digits of a <see cref="ColumnKind.Decimal"/>; null means no limit.</param>
/// <param name="Scale">Digits after the point of a <see cref="ColumnKind.Decimal"/>.</param>
public sealed record ColumnType(ColumnKind Kind, int? Length = null, int? Precision = null, int? Scale = null);
