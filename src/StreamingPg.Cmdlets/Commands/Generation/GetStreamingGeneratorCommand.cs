using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Generation;
using StreamingPg.Core.Generation.Generators;
using StreamingPg.Core.Records;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Lists the generators that metadata can name.</summary>
[Cmdlet(VerbsCommon.Get, "StreamingGenerator")]
[OutputType(typeof(StreamingGenerator))]
public sealed class GetStreamingGeneratorCommand : StreamingCmdlet
{
    /// <summary>Names, in which * and ? are wildcards.</summary>
    [Parameter(Position = 0, ValueFromPipelineByPropertyName = true)]
    [ValidateNotNullOrEmpty]
    [SupportsWildcards]
    [ArgumentCompleter(typeof(GeneratorCompleter))]
    public string[]? Name { get; set; }

    /// <summary>Locale of the sample values.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(LocaleCompleter))]
    public string Locale { get; set; } = GenerationOptions.DefaultLocale;

    /// <summary>Assemblies with generators of your own.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? GeneratorPath { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord() => WriteObject(
        GeneratorList.Of(SessionGenerators.With(generators: null, GeneratorPath?.Select(ResolvePath)), Name ?? [], Locale), enumerateCollection: true);
}
