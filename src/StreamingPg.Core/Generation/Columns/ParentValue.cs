using StreamingPg.Core.Generation.Parents;

namespace StreamingPg.Core.Generation.Columns;

/// <summary>A column of a row's parent.</summary>
/// <param name="Picker">Says the parent.</param>
/// <param name="Parent">Its table.</param>
/// <param name="Column">Place of the column.</param>
/// <param name="MayBeMissing">True when some rows have no such parent.</param>
internal readonly record struct ParentValue(ParentPicker Picker, TableGenerator Parent, int Column, bool MayBeMissing);
