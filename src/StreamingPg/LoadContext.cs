using System.Reflection;
using System.Runtime.Loader;

namespace StreamingPg;

/// <summary>
/// Isolates the module's dependencies, so it can coexist with modules that bring other versions of them.
/// This assembly stays in the default context, because its types are what scripts see; the engine and everything it
/// refers to are loaded here.
/// </summary>
public sealed class LoadContext : AssemblyLoadContext
{
    private const string CmdletAssembly = "StreamingPg.Cmdlets";

    private static readonly Lazy<Assembly> Cmdlets = new(() => new LoadContext().LoadFromAssemblyName(new AssemblyName(CmdletAssembly)));

    private readonly Assembly _shared = typeof(LoadContext).Assembly;
    private readonly string _directory = DirectoryOf(typeof(LoadContext).Assembly);
    private readonly Dictionary<string, string> _platformAssemblies = PlatformAssemblies();

    private LoadContext()
        : base("StreamingPg")
    {
    }

    /// <summary>The assembly with the cmdlets; always the same one, however often the module is imported.</summary>
    /// <param name="directory">Folder in which the importing module expects the assemblies.</param>
    /// <exception cref="InvalidOperationException">This process has loaded them from another folder; an assembly cannot be unloaded.</exception>
    public static Assembly GetCmdlets(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        var loadedFrom = DirectoryOf(typeof(LoadContext).Assembly);
        var expected = Path.TrimEndingDirectorySeparator(Path.GetFullPath(directory));
        var comparison = OperatingSystem.IsWindows() || OperatingSystem.IsMacOS() ? StringComparison.OrdinalIgnoreCase : StringComparison.Ordinal;
        return string.Equals(loadedFrom, expected, comparison)
            ? Cmdlets.Value
            : throw new InvalidOperationException(
                $"StreamingPg was already loaded from '{loadedFrom}', and this is '{expected}'. Start a new PowerShell session to use this one.");
    }

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        ArgumentNullException.ThrowIfNull(assemblyName);
        if (assemblyName.Name == _shared.GetName().Name)
        {
            return _shared;
        }

        var path = Path.Join(_directory, assemblyName.Name + ".dll");
        return File.Exists(path) && !PlatformHas(assemblyName) ? LoadFromAssemblyPath(path) : null;
    }

    // A newer PowerShell brings some of our dependencies with its runtime. Its copy is already loaded and compiled, and
    // what it exchanges with others (activities, meters) must be of its types.
    private bool PlatformHas(AssemblyName wanted) =>
        _platformAssemblies.TryGetValue(wanted.Name!, out var path) && AssemblyName.GetAssemblyName(path).Version >= wanted.Version;

    private static Dictionary<string, string> PlatformAssemblies()
    {
        var paths = (AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") as string ?? "")
            .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var byName = new Dictionary<string, string>(paths.Length, StringComparer.OrdinalIgnoreCase);
        foreach (var path in paths)
        {
            byName[Path.GetFileNameWithoutExtension(path)] = path;
        }

        return byName;
    }

    private static string DirectoryOf(Assembly assembly) => Path.GetDirectoryName(assembly.Location) ?? "";
}
