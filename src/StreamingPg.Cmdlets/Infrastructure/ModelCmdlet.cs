using System.Management.Automation;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Core.Sql;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>A command on the tables of a model.</summary>
public abstract class ModelCmdlet : ConnectedCmdlet
{
    /// <summary>Path of a metadata.json; without it the three default tables are meant.</summary>
    [Parameter(ValueFromPipelineByPropertyName = true)]
    [Alias("Path", "FullName", "PSPath")]
    [ValidateNotNullOrEmpty]
    public virtual string? Metadata { get; set; }

    /// <summary>The tables to work on.</summary>
    private protected StreamModel ReadModel() =>
        Metadata is null ? MetadataReader.Default : MetadataReader.Load(ResolvePath(Metadata));
}
