namespace StreamingPg.Core.Generation.Random;

/// <summary>Gender, in the order of the texts.</summary>
internal enum Gender
{
    /// <summary>Female.</summary>
    Female,

    /// <summary>Male.</summary>
    Male,

    /// <summary>Another one; of a first name: either.</summary>
    Other,
}

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

    /// <summary>Names of teams, projects and other things that are not people.</summary>
    ThingName,

    /// <summary>Forms of address of women.</summary>
    FemalePrefix,

    /// <summary>Forms of address of men.</summary>
    MalePrefix,

    /// <summary>Domains of <see cref="Company"/>, in the same order.</summary>
    CompanyDomain,

    /// <summary>Industries of <see cref="Company"/>, in the same order.</summary>
    Industry,

    /// <summary>Departments of <see cref="ValuePools.Products"/>, in the same order.</summary>
    ProductDepartment,

    /// <summary>Stock numbers of <see cref="ValuePools.Products"/>, in the same order.</summary>
    ProductSku,
}

/// <summary>A product of the catalogue.</summary>
/// <param name="Name">Name, distinct in its locale.</param>
/// <param name="PriceInCents">List price; the same for every batch, seed and machine.</param>
internal readonly record struct Product(string Name, int PriceInCents);
