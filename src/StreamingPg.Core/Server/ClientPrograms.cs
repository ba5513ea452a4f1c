using System.ComponentModel;
using System.Globalization;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Server;

/// <summary>PostgreSQL's programs that dump and restore. Packages of clients and full packages of servers have them; downloaded server programs do not.</summary>
/// <param name="Folder">The folder that they are in.</param>
/// <param name="Major">Their major version.</param>
internal sealed partial record ClientPrograms(string Folder, int Major)
{
    private static readonly string[] Programs = ["pg_dump", "pg_dumpall", "psql"];

    /// <summary>Full path of <c>pg_dump</c>.</summary>
    public string PgDump => Path.Combine(Folder, SearchPath.FileName("pg_dump"));

    /// <summary>Full path of <c>pg_dumpall</c>.</summary>
    public string PgDumpAll => Path.Combine(Folder, SearchPath.FileName("pg_dumpall"));

    /// <summary>Full path of <c>psql</c>.</summary>
    public string Psql => Path.Combine(Folder, SearchPath.FileName("psql"));

    /// <summary>Finds programs that read a server of one version and write for one of another: those in between can.</summary>
    /// <param name="from">Major version that is dumped.</param>
    /// <param name="to">The server programs that restore it.</param>
    /// <param name="cancellationToken">Cancels the search.</param>
    /// <exception cref="StreamingException">There are none.</exception>
    public static async Task<ClientPrograms> FindAsync(int from, ServerBinaries to, CancellationToken cancellationToken)
    {
        var folders = new[] { to.Folder }.Concat(ServerBinaries.UsualFolders()).Concat(SearchPath.Folders).Distinct(StringComparer.Ordinal);
        var others = new List<ClientPrograms>();
        foreach (var folder in folders.Where(folder => Programs.All(program => File.Exists(Path.Combine(folder, SearchPath.FileName(program))))))
        {
            if (await ReadAsync(folder, cancellationToken).ConfigureAwait(false) is not { } programs)
            {
                continue;
            }

            if (programs.Major >= from && programs.Major <= to.Major)
            {
                return programs;
            }

            others.Add(programs);
        }

        var found = others.Count == 0 ? "" : $" (found: {string.Join(", ", others.Select(programs => $"{programs.Major} in {programs.Folder}"))})";
        throw new StreamingException(
            ErrorIds.ServerClientsMissing,
            StreamingErrorKind.NotInstalled,
            $"The upgrade needs pg_dump, pg_dumpall and psql of PostgreSQL {from} to {to.Major}, which were not found{found}. Without them the data cannot be moved.",
            $"{InstallAdvice.ForClients(to.Major)} They may also be in {to.Folder}.",
            to.Folder);
    }

    private static async Task<ClientPrograms?> ReadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            var result = await ProgramRunner.RunAsync(
                Path.Combine(folder, SearchPath.FileName("pg_dump")), ["--version"], cancellationToken).ConfigureAwait(false);
            var version = MajorPattern().Match(result.Output);
            return result.ExitCode == 0 && version.Success
                ? new ClientPrograms(folder, int.Parse(version.Value, CultureInfo.InvariantCulture))
                : null;
        }
        catch (Win32Exception)
        {
            // Not a program that this machine can run: look further.
            return null;
        }
    }

    [GeneratedRegex(@"\d+")]
    private static partial Regex MajorPattern();
}

/// <summary>A server on loopback that the client programs work on.</summary>
/// <param name="Port">Its port.</param>
/// <param name="PasswordFile">A password file of libpq.</param>
internal sealed record LoopbackServer(int Port, string PasswordFile)
{
    /// <summary>What the programs find the password by.</summary>
    public IReadOnlyDictionary<string, string> Environment => new Dictionary<string, string> { ["PGPASSFILE"] = PasswordFile, ["PGCLIENTENCODING"] = "UTF8" };

    /// <summary>Arguments that name a database of the server.</summary>
    public IEnumerable<string> To(string database) =>
    [
        "--host", "127.0.0.1", "--port", Port.ToString(CultureInfo.InvariantCulture), "--username", PrivateServer.UserName, "--no-password",
        "--dbname", $"dbname='{database.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "\\'", StringComparison.Ordinal)}'",
    ];
}
