namespace StreamingPg.Core.Generation.Random;

/// <summary>The pools that are made when a column first asks for them.</summary>
internal enum PoolKind
{
    /// <summary>Streets with house numbers.</summary>
    Street,

    /// <summary>Postal codes.</summary>
    Zip,

    /// <summary>Countries.</summary>
    Country,

    /// <summary>Two letters per country (ISO 3166-1).</summary>
    CountryCode,

    /// <summary>States and provinces.</summary>
    State,

    /// <summary>Departments of a shop.</summary>
    Department,

    /// <summary>Companies.</summary>
    Company,

    /// <summary>Jobs.</summary>
    JobTitle,

    /// <summary>Forms of address such as Mrs. and Dr.</summary>
    NamePrefix,

    /// <summary>Product descriptions, a sentence each.</summary>
    ProductDescription,

    /// <summary>What browsers call themselves.</summary>
    UserAgent,

    /// <summary>Three letters per currency (ISO 4217).</summary>
    CurrencyCode,

    /// <summary>Colors.</summary>
    Color,

    /// <summary>Names of files.</summary>
    FileName,
}
