using System.Diagnostics;
using System.Globalization;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Model;

namespace StreamingPg.Core.Server;

/// <summary>Runs psql on a database, in the terminal of this process.</summary>
internal static class PsqlProgram
{
    /// <summary>Runs psql to its end.</summary>
    /// <param name="connection">The database.</param>
    /// <param name="arguments">More arguments.</param>
    /// <param name="cancellationToken">Ends psql; what ends this process from the keyboard reaches psql by itself.</param>
    /// <returns>Exit code of psql.</returns>
    /// <exception cref="StreamingException">psql is not installed.</exception>
    public static async Task<int> RunAsync(DatabaseConnection connection, IReadOnlyList<string> arguments, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(connection);
        var psql = Find() ?? throw new StreamingException(
            ErrorIds.PsqlNotInstalled,
            StreamingErrorKind.NotInstalled,
            "psql is not installed.",
            $"{InstallAdvice.ForClients(SupportedVersions.Newest)} Invoke-StreamingQuery (streamingpg query) runs a statement without it.");
        var start = new ProcessStartInfo(psql) { UseShellExecute = false };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        // In variables, which other users cannot read.
        var settings = connection.CopySettings();
        Set("PGHOST", settings.Host);
        Set("PGPORT", settings.Port.ToString(CultureInfo.InvariantCulture));
        Set("PGDATABASE", settings.Database);
        Set("PGUSER", settings.Username);
        Set("PGPASSWORD", settings.Password);
        Set("PGAPPNAME", "psql");
        var startup = Path.GetTempFileName();
        Set("PSQLRC", startup);
        if (settings.ShouldSerialize("SSL Mode"))
        {
            Set("PGSSLMODE", $"{settings.SslMode}".ToLowerInvariant().Replace("verify", "verify-", StringComparison.Ordinal));
        }

        try
        {
            await File.WriteAllTextAsync(startup, Startup(connection.Schema), cancellationToken).ConfigureAwait(false);
            return await RunAsync(start, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            File.Delete(startup);
        }

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                start.Environment[name] = value;
            }
        }
    }

    private static async Task<int> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is psql's to answer: it cancels the statement and goes on.
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }

        return process.ExitCode;
    }

    /// <summary>The startup file of psql: its user's own, and the schema in the search path. A pooler takes no such option when it is connected to.</summary>
    private static string Startup(string schema)
    {
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var own = Environment.GetEnvironmentVariable("PSQLRC")
            ?? (OperatingSystem.IsWindows()
                ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.ApplicationData), "postgresql", "psqlrc.conf")
                : Path.Combine(home, ".psqlrc"));
        return (File.Exists(own) ? $"\\i {Argument(own, OperatingSystem.IsWindows())}\n" : "")
            + $"\\set QUIET on\nSET search_path TO {Identifier.Quote(schema)}, public;\n\\set QUIET off\n";
    }

    /// <summary>A path as an argument of psql's own commands, which read a backslash in quotes as C does, and take slashes on Windows.</summary>
    internal static string Argument(string path, bool isWindows) =>
        $"'{(isWindows ? path.Replace('\\', '/') : path.Replace("\\", "\\\\", StringComparison.Ordinal)).Replace("'", "''", StringComparison.Ordinal)}'";

    /// <summary>Full path of psql, or null.</summary>
    private static string? Find() => SearchPath.Find("psql")
        ?? ServerBinaries.UsualFolders().Select(folder => Path.Combine(folder, SearchPath.FileName("psql"))).FirstOrDefault(File.Exists);
}
