using System.Collections;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;
using StreamingPg.Cmdlets.Import;
using StreamingPg.Core.Generation.Rules;

namespace StreamingPg.Cmdlets.Infrastructure;

/// <summary>
/// A script block that makes the values of a block of rows. It runs on the pipeline thread, where the variables and functions that it
/// uses are: rows that are made elsewhere wait for it there, one after the other.
/// </summary>
/// <param name="name">Its name.</param>
/// <param name="description">What its values are.</param>
/// <param name="script">The script block.</param>
internal sealed class ScriptGenerator(string name, string description, ScriptBlock script) : IStreamingGenerator
{
    private readonly Runspace _runspace = Runspace.DefaultRunspace;

    /// <inheritdoc/>
    public string Name => name;

    /// <inheritdoc/>
    public string Description => description;

    /// <inheritdoc/>
    public IReadOnlyList<object?> Generate(GeneratorRows rows, Random random) =>
        ReferenceEquals(Runspace.DefaultRunspace, _runspace) ? InvokeHere(rows, random)
        : PipelineOutput.Current is { } pipeline ? pipeline.Call(() => Invoke(rows, random))
        : throw Error("it is a script block, which runs in a pipeline, and there is none here", "Do without -AsJob.");

    private IReadOnlyList<object?> InvokeHere(GeneratorRows rows, Random random)
    {
        try
        {
            return Invoke(rows, random);
        }
        catch (PipelineStoppedException exception)
        {
            throw new OperationCanceledException("The pipeline was stopped.", exception); // the engine takes anything else for a fault
        }
    }

    private IReadOnlyList<object?> Invoke(GeneratorRows rows, Random random)
    {
        try
        {
            var found = script.Invoke(rows, random);
            return rows.Count > 1 && found is [{ BaseObject: IList { Count: var count } list }] && count == rows.Count
                ? [.. list.Cast<object?>().Select(PlainValue.Of)]
                : [.. found.Select(PlainValue.Of)];
        }
        catch (RuntimeException exception) when (exception is not (PipelineStoppedException or { InnerException: StreamingException }))
        {
            var line = exception.ErrorRecord.InvocationInfo is { ScriptLineNumber: > 0 and var number } ? $" (line {number} of the script)" : "";
            throw Error($"{exception.ErrorRecord.Exception.Message.TrimEnd('.')}{line}", "Correct the script block.", exception);
        }
        catch (RuntimeException exception) when (exception.InnerException is StreamingException error)
        {
            throw error;
        }
    }

    private StreamingException Error(string reason, string remedy, Exception? cause = null) => new(
        ErrorIds.GeneratorFailed, StreamingErrorKind.InvalidInput, $"The generator \"{name}\" failed: {reason}.", remedy, name, cause);
}

/// <summary>The generators that were registered in a runspace.</summary>
internal static class SessionGenerators
{
    private static readonly ConditionalWeakTable<Runspace, OwnGenerators> ByRunspace = [];

    /// <summary>Those of the runspace that the calling command runs in.</summary>
    public static OwnGenerators OfThisRunspace() => ByRunspace.GetOrCreateValue(Runspace.DefaultRunspace);

    /// <summary>These, and those that a command was given.</summary>
    /// <param name="generators">Generators by table.column; null for none.</param>
    /// <param name="paths">Assemblies; null for none.</param>
    /// <exception cref="StreamingException">One cannot be used.</exception>
    public static OwnGenerators With(IDictionary? generators, IEnumerable<string>? paths)
    {
        var all = OfThisRunspace().Copy().AddFrom(paths);
        foreach (DictionaryEntry entry in generators ?? new Hashtable())
        {
            var column = $"{entry.Key}";
            all.AddFor(column, (entry.Value is PSObject wrapped ? wrapped.BaseObject : entry.Value) switch
            {
                ScriptBlock script => new ScriptGenerator(column, "script block", script),
                IStreamingGenerator generator => generator,
                string name when all.Find(name) is { } known => known,
                _ => throw new StreamingException(
                    ErrorIds.GeneratorInvalid,
                    StreamingErrorKind.InvalidInput,
                    $"The generator \"{column}\" cannot be used: it is neither a script block nor the name of a registered generator.",
                    "Write it as @{ 'orders.reference' = { param($rows, $random) ... } }.",
                    column),
            });
        }

        return all;
    }
}
