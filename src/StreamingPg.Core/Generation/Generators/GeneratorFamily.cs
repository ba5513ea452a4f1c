namespace StreamingPg.Core.Generation.Generators;

/// <summary>The types of columns that a generator fits.</summary>
internal enum GeneratorFamily
{
    /// <summary>Text.</summary>
    Text,

    /// <summary>Numbers.</summary>
    Number,

    /// <summary>Dates and timestamps.</summary>
    Time,

    /// <summary>Truth values.</summary>
    Boolean,

    /// <summary>UUIDs.</summary>
    Uuid,

    /// <summary>Any type.</summary>
    Any,
}
