namespace StreamingPg.Core.Model;

/// <summary>What the numbers in the brackets behind a type say.</summary>
internal enum TypeArguments
{
    /// <summary>Nothing may stand there.</summary>
    None,

    /// <summary>Most characters.</summary>
    Length,

    /// <summary>Digits, and digits after the point.</summary>
    PrecisionAndScale,

    /// <summary>Digits after the point of the second.</summary>
    SecondDigits,
}
