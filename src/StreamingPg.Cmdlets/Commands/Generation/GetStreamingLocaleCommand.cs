using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Records;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Lists the locales of names, cities and products.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingLocale")]
[OutputType(typeof(StreamingLocale))]
public sealed class GetStreamingLocaleCommand : StreamingCmdlet
{
    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(GeneratorList.Locales(), enumerateCollection: true);
}
