namespace StreamingPg.Core.Generation.Values;

/// <summary>The standard normal distribution function and its inverse.</summary>
internal static class NormalQuantile
{
    private const double Farthest = 37; // beyond it a share is 0 in double precision

    /// <summary>The value below which a share of a standard normal distribution lies.</summary>
    /// <remarks>Wichura, Algorithm AS 241: The percentage points of the normal distribution, Applied Statistics 37 (1988),
    /// routine PPND16; about 16 digits.</remarks>
    public static double Of(double share)
    {
        if (share <= 0)
        {
            return -Farthest;
        }

        if (share >= 1)
        {
            return Farthest;
        }

        var q = share - 0.5;
        if (Math.Abs(q) <= 0.425)
        {
            var r = 0.180625 - (q * q);
            return q * Ratio(r, Central, CentralBelow);
        }

        var tail = Math.Sqrt(-Math.Log(q < 0 ? share : 1 - share));
        var value = tail <= 5 ? Ratio(tail - 1.6, Middle, MiddleBelow) : Ratio(tail - 5, Far, FarBelow);
        return q < 0 ? -value : value;
    }

    /// <summary>The share below a value, found by halving: it is requested twice per column, its inverse once per row.</summary>
    public static double ShareBelow(double value)
    {
        double low = 0, high = 1;
        if (value <= -Farthest || value >= Farthest)
        {
            return value < 0 ? 0 : 1;
        }

        // 1,074 halvings reach the smallest double: a bound far out in the left tail has a share that small.
        for (var step = 0; step < 1074; step++)
        {
            var middle = low + ((high - low) / 2);
            if (middle == low || middle == high)
            {
                break;
            }

            (low, high) = Of(middle) < value ? (middle, high) : (low, middle);
        }

        return low;
    }

    private static double Ratio(double x, double[] above, double[] below) => Polynomial(x, above) / Polynomial(x, below);

    private static double Polynomial(double x, double[] coefficients)
    {
        double sum = 0;
        for (var index = coefficients.Length - 1; index >= 0; index--)
        {
            sum = (sum * x) + coefficients[index];
        }

        return sum;
    }

    private static readonly double[] Central =
    [
        3.3871328727963666080, 1.3314166789178437745e2, 1.9715909503065514427e3, 1.3731693765509461125e4, 4.5921953931549871457e4,
        6.7265770927008700853e4, 3.3430575583588128105e4, 2.5090809287301226727e3,
    ];

    private static readonly double[] CentralBelow =
    [
        1, 4.2313330701600911252e1, 6.8718700749205790830e2, 5.3941960214247511077e3, 2.1213794301586595867e4, 3.9307895800092710610e4,
        2.8729085735721942674e4, 5.2264952788528545610e3,
    ];

    private static readonly double[] Middle =
    [
        1.42343711074968357734, 4.63033784615654529590, 5.76949722146069140550, 3.64784832476320460504, 1.27045825245236838258,
        2.41780725177450611770e-1, 2.27238449892691845833e-2, 7.74545014278341407640e-4,
    ];

    private static readonly double[] MiddleBelow =
    [
        1, 2.05319162663775882187, 1.67638483018380384940, 6.89767334985100004550e-1, 1.48103976427480074590e-1, 1.51986665636164571966e-2,
        5.47593808499534494600e-4, 1.05075007164441684324e-9,
    ];

    private static readonly double[] Far =
    [
        6.65790464350110377720, 5.46378491116411436990, 1.78482653991729133580, 2.96560571828504891230e-1, 2.65321895265761230930e-2,
        1.24266094738807843860e-3, 2.71155556874348757815e-5, 2.01033439929228813265e-7,
    ];

    private static readonly double[] FarBelow =
    [
        1, 5.99832206555887937690e-1, 1.36929880922735805310e-1, 1.48753612908506148525e-2, 7.86869131145613259100e-4,
        1.84631831751005468180e-5, 1.42151175831644588870e-7, 2.04426310338993978564e-15,
    ];
}
