using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StreamingPg.Core.Metadata;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Completes the names of the default tables.</summary>
public sealed class TableCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        MetadataReader.Default.Tables
            .Where(table => table.Name.StartsWith(wordToComplete ?? "", StringComparison.OrdinalIgnoreCase))
            .Select(static table => new CompletionResult(table.Name));
}
