using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.Loader;

namespace StreamingPg.Core.Generation.Rules;

/// <summary>Loads generators of the user's own from a .NET assembly.</summary>
internal static class GeneratorAssembly
{
    private static readonly ConcurrentDictionary<string, IReadOnlyList<IStreamingGenerator>> Loaded = new(StringComparer.Ordinal);

    /// <summary>The generators of an assembly: one of each public class that implements <see cref="IStreamingGenerator"/>.</summary>
    /// <param name="path">Full path of the assembly.</param>
    /// <exception cref="StreamingException">It cannot be loaded, or has none.</exception>
    public static IReadOnlyList<IStreamingGenerator> Load(string path)
    {
        if (Loaded.TryGetValue(path, out var known))
        {
            return known; // an assembly cannot be loaded twice
        }

        if (!File.Exists(path))
        {
            throw Error(path, "there is no such file");
        }

        try
        {
            var assembly = new GeneratorContext(path).LoadFromAssemblyPath(path);
            var generators = assembly.GetExportedTypes()
                .Where(type => type is { IsAbstract: false, IsClass: true } && type.IsAssignableTo(typeof(IStreamingGenerator)) && type.GetConstructor(Type.EmptyTypes) is not null)
                .Select(type => (IStreamingGenerator)Activator.CreateInstance(type)!)
                .ToList();
            return generators.Count > 0
                ? Loaded.GetOrAdd(path, generators)
                : throw Error(path, $"it has no public class with a constructor without parameters that implements {typeof(IStreamingGenerator).FullName}");
        }
        catch (Exception exception) when (exception is BadImageFormatException or InvalidOperationException)
        {
            throw Error(path, "it is not a .NET assembly", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw Error(path, exception.Message.TrimEnd('.'), exception);
        }
        catch (Exception exception) when (exception is TypeLoadException or ReflectionTypeLoadException or TargetInvocationException or MissingMethodException)
        {
            throw Error(path, (exception.InnerException ?? exception).Message.TrimEnd('.'), exception);
        }
    }

    private static StreamingException Error(string path, string reason, Exception? cause = null) => new(
        ErrorIds.GeneratorInvalid,
        StreamingErrorKind.InvalidInput,
        $"The generators of \"{path}\" cannot be used: {reason}.",
        "Build a class library that refers to StreamingPg.dll of this version; see \"Your own generators\" in docs/metadata.md.",
        path,
        cause);

    /// <summary>What the assembly needs comes from its own folder, but for the interface, which is ours.</summary>
    private sealed class GeneratorContext(string path) : AssemblyLoadContext($"StreamingPg generators {Path.GetFileName(path)}")
    {
        private readonly Assembly _shared = typeof(IStreamingGenerator).Assembly;
        private readonly AssemblyDependencyResolver _resolver = new(path);

        protected override Assembly? Load(AssemblyName assemblyName) =>
            assemblyName.Name == _shared.GetName().Name ? _shared
            : _resolver.ResolveAssemblyToPath(assemblyName) is { } found ? LoadFromAssemblyPath(found)
            : null;
    }
}
