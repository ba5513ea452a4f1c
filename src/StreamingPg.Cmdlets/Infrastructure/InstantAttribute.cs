using System.Management.Automation;
using StreamingPg.Core.Binary;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// Reads a time as the whole product does, into UTC: text is ISO 8601, and a time without a zone is local. PowerShell itself would read
/// text month first, and a number as ticks.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class InstantAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        var value = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        var instant = value switch
        {
            null => null,
            DateTime time => InstantText.ToUtc(time),
            DateTimeOffset time => time.UtcDateTime,
            DateOnly date => InstantText.ToUtc(date.ToDateTime(TimeOnly.MinValue)),
            string text => InstantText.Parse(text),
            _ => null,
        };
        return value is null || instant is not null
            ? instant!
            : throw new ArgumentTransformationMetadataException(
                $"'{LanguagePrimitives.ConvertTo<string>(inputData)}' is not a time {InstantText.Examples}; a DateTime is taken as it is.");
    }
}
