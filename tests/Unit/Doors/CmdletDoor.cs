using System.Globalization;
using System.Management.Automation;
using System.Reflection;
using StreamingPg.Cmdlets.Commands;

namespace StreamingPg.Tests.Unit.Doors;

/// <summary>A cmdlet as it declares itself. PowerShell is not there to run it, only its types to read the declaration with.</summary>
internal sealed class CmdletDoor(Type type, string? changes)
{
    /// <summary>Every cmdlet, by its name.</summary>
    public static IReadOnlyDictionary<string, CmdletDoor> All() => (
        from type in typeof(InvokeStreamingBatchCommand).Assembly.GetExportedTypes()
        let cmdlet = type.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType == typeof(CmdletAttribute))
        where cmdlet is not null && !type.IsAbstract
        let words = cmdlet.ConstructorArguments
        let changes = cmdlet.NamedArguments.Any(argument => argument is { MemberName: "SupportsShouldProcess", TypedValue.Value: true }) ? "WhatIf" : null
        select (Name: $"{words[0].Value}-{words[1].Value}", Door: new CmdletDoor(type, changes)))
        .ToDictionary(cmdlet => cmdlet.Name, cmdlet => cmdlet.Door);

    /// <summary>The parameters of some sets, separated by commas, or of all; -WhatIf is one of a cmdlet that changes something.</summary>
    public IEnumerable<CmdletParameter> Parameters(string? sets)
    {
        var cmdlet = Activator.CreateInstance(type)!;
        foreach (var property in type.GetProperties())
        {
            var declared = property.GetCustomAttributesData().Where(data => data.AttributeType == typeof(ParameterAttribute)).ToList();
            var own = declared.Select(data => data.NamedArguments.FirstOrDefault(argument => argument.MemberName == "ParameterSetName").TypedValue.Value as string);
            if (declared.Count > 0 && (sets is null || own.Any(set => set is null || sets.Split(',').Contains(set))))
            {
                yield return new CmdletParameter(property.Name, property.PropertyType, property.GetValue(cmdlet), Range(property));
            }
        }

        if (changes is not null)
        {
            yield return new CmdletParameter(changes, typeof(SwitchParameter), false, null);
        }
    }

    private static (object Minimum, object Maximum)? Range(PropertyInfo property) =>
        property.GetCustomAttributesData().FirstOrDefault(data => data.AttributeType == typeof(ValidateRangeAttribute)) is { } range
            ? (range.ConstructorArguments[0].Value!, range.ConstructorArguments[1].Value!)
            : null;
}

/// <summary>A parameter of a cmdlet.</summary>
internal sealed record CmdletParameter(string Name, Type Type, object? Value, (object Minimum, object Maximum)? Range)
{
    private Type PlainType => Nullable.GetUnderlyingType(Type) ?? Type;

    /// <summary>What it is when it is not given.</summary>
    public object? Default => Type == typeof(SwitchParameter) ? null : Value;

    /// <summary>True for a number.</summary>
    public bool IsNumber => Type.GetTypeCode(PlainType) is TypeCode.Int32 or TypeCode.Int64 or TypeCode.Double && !PlainType.IsEnum;

    /// <summary>True when an option of a type takes the same: a switch, a word of the same list, a number, a time; text stands for the rest.</summary>
    public bool TakesSame(Type option)
    {
        var plain = Nullable.GetUnderlyingType(option) ?? option;
        return Type == typeof(SwitchParameter) ? plain == typeof(bool)
            : PlainType == typeof(DateTimeOffset) ? plain == typeof(DateTime)
            : PlainType.IsValueType ? plain == PlainType
            : !plain.IsPrimitive && !plain.IsEnum;
    }

    /// <summary>The ends of the range and what lies just outside, as far as the type has them.</summary>
    public IEnumerable<(object Value, bool IsIn)> Limits()
    {
        if (PlainType == typeof(double))
        {
            var (low, high) = Range is null ? (-1e6, 1e6) : (Number(Range.Value.Minimum), Number(Range.Value.Maximum));
            return [(low, true), (high, true), .. Range is null ? Array.Empty<(object, bool)>() : [(low - 0.01, false), (high + 0.01, false)]];
        }

        var (first, last) = PlainType == typeof(int) ? (int.MinValue, int.MaxValue) : (long.MinValue, long.MaxValue);
        var (minimum, maximum) = Range is null ? (first, last) : (Whole(Range.Value.Minimum), Whole(Range.Value.Maximum));
        return
        [
            (minimum, true),
            (maximum, true),
            .. minimum > first ? [(minimum - 1, false)] : Array.Empty<(object, bool)>(),
            .. maximum < last ? [(maximum + 1, false)] : Array.Empty<(object, bool)>(),
        ];
    }

    private static double Number(object limit) => Convert.ToDouble(limit, CultureInfo.InvariantCulture);

    private static long Whole(object limit) => Convert.ToInt64(limit, CultureInfo.InvariantCulture);
}
