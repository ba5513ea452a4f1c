using System.Management.Automation;
using StreamingPg.Core.Model;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// Reads a duration as the whole product does, and refuses a number without a unit, which PowerShell would take for ticks or days.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DurationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        if (value is null or TimeSpan)
        {
            return value!;
        }

        // 30d and 90s without quotes are numbers to PowerShell (a decimal, a short), wrapped with the text that was typed.
        var text = LanguagePrimitives.ConvertTo<string>(inputData);
        return DurationText.Parse(text) ?? throw Refusal(text);
    }

    private static ArgumentTransformationMetadataException Refusal(string text) =>
        new($"{DurationText.Problem(text)} Give a duration {DurationText.Examples}, or a TimeSpan.");
}
