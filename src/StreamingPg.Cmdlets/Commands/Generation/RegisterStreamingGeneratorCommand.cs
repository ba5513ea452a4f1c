using System.Management.Automation;
using StreamingPg.Cmdlets.Infrastructure;
using StreamingPg.Core.Generation.Rules;

namespace StreamingPg.Cmdlets.Commands;

/// <summary>Registers generators of your own, which metadata can name in this session.</summary>
[Cmdlet(VerbsLifecycle.Register, "StreamingGenerator", DefaultParameterSetName = ByScript)]
[OutputType(typeof(void))]
public sealed class RegisterStreamingGeneratorCommand : StreamingCmdlet
{
    private const string ByScript = "ScriptBlock";
    private const string ByPath = "GeneratorPath";

    /// <summary>Its name in metadata.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = ByScript)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string? Name { get; set; }

    /// <summary>Makes the values of a block of rows.</summary>
    [Parameter(Mandatory = true, Position = 1, ParameterSetName = ByScript)]
    [ValidateNotNull]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public ScriptBlock? ScriptBlock { get; set; }

    /// <summary>What its values are.</summary>
    [Parameter(ParameterSetName = ByScript)]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(FreeValueCompleter))]
    public string Description { get; set; } = "script block";

    /// <summary>Assemblies with generators.</summary>
    [Parameter(Mandatory = true, ParameterSetName = ByPath)]
    [ValidateNotNullOrEmpty]
    public string[]? GeneratorPath { get; set; }

    /// <inheritdoc/>
    protected override void OnRecord()
    {
        var generators = SessionGenerators.OfThisRunspace();
        if (ScriptBlock is not null)
        {
            generators.Add(new ScriptGenerator(Name!, Description, ScriptBlock));
        }
        else
        {
            generators.AddFrom(GeneratorPath!.Select(ResolvePath));
        }
    }
}
