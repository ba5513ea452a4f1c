namespace StreamingPg.Core.Generation.Columns;

/// <summary>A column whose values are times that other columns can follow.</summary>
internal interface ITimed
{
    /// <summary>The time of a row, microseconds since 2000-01-01; null when it is NULL.</summary>
    long? TimeAt(long row);
}
