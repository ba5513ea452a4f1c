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
        Set("PGOPTIONS", $"{Environment.GetEnvironmentVariable("PGOPTIONS")} -c search_path={Escaped(Identifier.Quote(connection.Schema))},public".Trim());
        if (settings.ShouldSerialize("SSL Mode"))
        {
            Set("PGSSLMODE", $"{settings.SslMode}".ToLowerInvariant().Replace("verify", "verify-", StringComparison.Ordinal));
        }

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

        void Set(string name, string? value)
        {
            if (!string.IsNullOrEmpty(value))
            {
                start.Environment[name] = value;
            }
        }
    }

    /// <summary>Full path of psql, or null.</summary>
    private static string? Find() => SearchPath.Find("psql")
        ?? ServerBinaries.UsualFolders().Select(folder => Path.Combine(folder, SearchPath.FileName("psql"))).FirstOrDefault(File.Exists);

    /// <summary>A blank or a backslash in an option of PGOPTIONS.</summary>
    private static string Escaped(string value) =>
        value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace(" ", "\\ ", StringComparison.Ordinal);
}
