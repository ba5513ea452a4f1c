namespace StreamingPg.Core.Server;

/// <summary>
/// The operating system account that the server runs as. PostgreSQL refuses to run as root, so root hands over to an
/// unprivileged account; anyone else runs the server as himself.
/// </summary>
internal sealed class ServerAccount
{
    private static readonly string[] Candidates = ["postgres", "nobody"];

    private readonly string _group;

    private ServerAccount(string? name, string group)
    {
        Name = name;
        _group = group;
    }

    /// <summary>Account to change to, or null when the server runs as the current user.</summary>
    public string? Name { get; }

    /// <summary>True when the current user must hand over to another account.</summary>
    public static bool IsRoot => !OperatingSystem.IsWindows() && Environment.IsPrivilegedProcess;

    /// <summary>The account for a cluster.</summary>
    /// <param name="recorded">Account that owns an existing cluster, or null.</param>
    /// <exception cref="StreamingException">The current user is root and there is no unprivileged account.</exception>
    public static ServerAccount Choose(string? recorded)
    {
        if (!IsRoot)
        {
            return new ServerAccount(null, "");
        }

        // name:password:uid:gid:...
        var groups = File.ReadLines("/etc/passwd").Select(line => line.Split(':')).Where(fields => fields.Length > 3)
            .GroupBy(fields => fields[0], StringComparer.Ordinal).ToDictionary(account => account.Key, account => account.First()[3]);
        var name = new[] { recorded }.Concat(Candidates).FirstOrDefault(name => name is not null && groups.ContainsKey(name));
        return name is not null
            ? new ServerAccount(name, groups[name])
            : throw new StreamingException(
                ErrorIds.ServerAccountMissing,
                StreamingErrorKind.NotInstalled,
                "PostgreSQL does not run as root, and there is no account \"postgres\" or \"nobody\" to run it as.",
                "Create an account \"postgres\", or run as an ordinary user.");
    }

    /// <summary>Runs a program as this account.</summary>
    /// <exception cref="StreamingException">The program failed to start.</exception>
    public Task<ProgramResult> RunAsync(string program, IReadOnlyList<string> arguments, CancellationToken cancellationToken, string input = "")
    {
        if (Name is null)
        {
            return ProgramRunner.RunAsync(program, arguments, cancellationToken, input);
        }

        if (SearchPath.Find("setpriv") is { } setpriv)
        {
            return ProgramRunner.RunAsync(
                setpriv, [$"--reuid={Name}", $"--regid={_group}", "--init-groups", "--", program, .. arguments], cancellationToken, input);
        }

        if (SearchPath.Find("runuser") is { } runuser)
        {
            return ProgramRunner.RunAsync(runuser, ["-u", Name, "--", program, .. arguments], cancellationToken, input);
        }

        var su = SearchPath.Find("su") ?? throw new StreamingException(
            ErrorIds.ServerAccountChangeMissing,
            StreamingErrorKind.NotInstalled,
            $"PostgreSQL does not run as root, and there is no setpriv, runuser or su to switch to \"{Name}\".",
            "Install util-linux, or run as an ordinary user.");
        return ProgramRunner.RunAsync(
            su, ["-s", "/bin/sh", "-c", "exec \"$0\" \"$@\"", Name, "--", program, .. arguments], cancellationToken, input);
    }

    /// <summary>Makes this account the owner of a file or folder; does nothing when it is the current user.</summary>
    public async Task OwnAsync(string path, CancellationToken cancellationToken)
    {
        if (Name is null)
        {
            return;
        }

        var result = await ProgramRunner.RunAsync("chown", ["-h", $"{Name}:", path], cancellationToken).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new StreamingException(
                ErrorIds.ServerFolderNotWritable,
                StreamingErrorKind.PermissionDenied,
                $"Changing the owner of {path} to \"{Name}\" failed: {result.Error}.",
                "Choose a folder on a file system that supports file owners.",
                path);
        }
    }

    /// <summary>True when this account can enter a folder.</summary>
    public async Task<bool> CanEnterAsync(string folder, CancellationToken cancellationToken) =>
        Name is null
        || (await RunAsync("/bin/sh", ["-c", "cd \"$0\"", folder], cancellationToken).ConfigureAwait(false)).ExitCode == 0;

    /// <summary>
    /// Writes a file in a folder of this account. Root does so with the account's rights only: what lies in its folder may be a link to
    /// any file of the system.
    /// </summary>
    /// <exception cref="StreamingException">The account cannot write it.</exception>
    public async Task WriteAsync(string file, string text, CancellationToken cancellationToken)
    {
        if (Name is null)
        {
            File.Delete(file);
            await File.WriteAllTextAsync(file, text, cancellationToken).ConfigureAwait(false);
            return;
        }

        await WriteByShellAsync("rm -f -- \"$0\" && cat >\"$0\"", file, text, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Adds text to a file in a folder of this account.</summary>
    /// <exception cref="StreamingException">The account cannot write it.</exception>
    public Task AppendAsync(string file, string text, CancellationToken cancellationToken) =>
        Name is null
            ? File.AppendAllTextAsync(file, text, cancellationToken)
            : WriteByShellAsync("cat >>\"$0\"", file, text, cancellationToken);

    /// <summary>Text of a file in a folder of this account from a position on; empty when there is none that the account may read.</summary>
    public async Task<string> ReadAsync(string file, long fromByte, CancellationToken cancellationToken)
    {
        if (Name is not null)
        {
            return (await RunAsync("tail", ["-c", $"+{fromByte + 1}", file], cancellationToken).ConfigureAwait(false)).Output;
        }

        try
        {
            var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            await using (stream.ConfigureAwait(false))
            {
                stream.Seek(Math.Min(fromByte, stream.Length), SeekOrigin.Begin);
                using var reader = new StreamReader(stream);
                return await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
            }
        }
        catch (IOException)
        {
            return "";
        }
    }

    private async Task WriteByShellAsync(string script, string file, string text, CancellationToken cancellationToken)
    {
        var result = await RunAsync("/bin/sh", ["-c", script, file], cancellationToken, text).ConfigureAwait(false);
        if (result.ExitCode != 0)
        {
            throw new StreamingException(
                ErrorIds.ServerFolderNotWritable,
                StreamingErrorKind.PermissionDenied,
                $"\"{Name}\" cannot write {file}: {result.Error}.",
                "Make it the owner of the folder, or choose another folder.",
                file);
        }
    }
}
