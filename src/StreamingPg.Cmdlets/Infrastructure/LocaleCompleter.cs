using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Language;
using StreamingPg.Core.Generation.Random;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>Completes the locales that the generator knows.</summary>
public sealed class LocaleCompleter : IArgumentCompleter
{
    /// <inheritdoc/>
    public IEnumerable<CompletionResult> CompleteArgument(
        string commandName, string parameterName, string wordToComplete, CommandAst commandAst, IDictionary fakeBoundParameters) =>
        ValuePools.Locales
            .Where(locale => locale.StartsWith(wordToComplete ?? "", StringComparison.OrdinalIgnoreCase))
            .Select(static locale => new CompletionResult(locale));
}
