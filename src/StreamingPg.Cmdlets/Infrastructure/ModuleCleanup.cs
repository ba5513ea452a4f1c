using System.Management.Automation;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Closes the runspace's connections when the module is removed.</summary>
public sealed class ModuleCleanup : IModuleAssemblyCleanup
{
    /// <inheritdoc/>
    public void OnRemove(PSModuleInfo psModuleInfo) => RunspaceConnections.OfThisRunspace().CloseAll();
}
