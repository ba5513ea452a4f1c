using System.ComponentModel;
using System.Diagnostics;

namespace StreamingPg.Core.Server;

/// <summary>Runs a program to its end and keeps what it printed.</summary>
internal static class ProgramRunner
{
    /// <summary>How long output is awaited after the end: a server that was left running may hold the pipe open.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(1);

    /// <summary>
    /// All that a program gets of our environment. A server shows its own to whoever may run programs in it, so no password and no
    /// token may be there.
    /// </summary>
    private static readonly string[] Inherited =
    [
        "PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "TEMP", "TMP", "TZ", "TZDIR",
        "SystemRoot", "SystemDrive", "windir", "ComSpec", "PATHEXT", "ProgramFiles", "ProgramData", "USERPROFILE", "USERNAME", "USERDOMAIN",
        "APPDATA", "LOCALAPPDATA", "NUMBER_OF_PROCESSORS", "PROCESSOR_ARCHITECTURE",
    ];

    /// <summary>Runs <paramref name="program"/>; cancelling ends it.</summary>
    /// <exception cref="Win32Exception">The program could not be started.</exception>
    public static async Task<ProgramResult> RunAsync(
        string program,
        IEnumerable<string> arguments,
        CancellationToken cancellationToken,
        string input = "",
        IReadOnlyDictionary<string, string>? environment = null)
    {
        using var process = Start(program, arguments, environment);
        var output = process.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var error = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await FeedAsync(process, input, cancellationToken).ConfigureAwait(false);
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        await Task.WhenAny(Task.WhenAll(output, error), Task.Delay(OutputGrace, cancellationToken)).ConfigureAwait(false);
        return new ProgramResult(process.ExitCode, Finished(output), Finished(error));
    }

    /// <summary>Runs two programs, of which the second reads what the first writes; cancelling ends both.</summary>
    /// <exception cref="Win32Exception">A program could not be started.</exception>
    public static async Task<(ProgramResult Source, ProgramResult Target)> PipeAsync(
        (string Program, IEnumerable<string> Arguments) source,
        (string Program, IEnumerable<string> Arguments) target,
        IReadOnlyDictionary<string, string> sourceEnvironment,
        IReadOnlyDictionary<string, string> targetEnvironment,
        CancellationToken cancellationToken)
    {
        using var reader = Start(target.Program, target.Arguments, targetEnvironment);
        var said = reader.StandardOutput.ReadToEndAsync(CancellationToken.None);
        var readerError = reader.StandardError.ReadToEndAsync(CancellationToken.None);
        using var writer = Start(source.Program, source.Arguments, sourceEnvironment);
        var writerError = writer.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            writer.StandardInput.Close();
            try
            {
                await writer.StandardOutput.BaseStream.CopyToAsync(reader.StandardInput.BaseStream, cancellationToken).ConfigureAwait(false);
                reader.StandardInput.Close();
            }
            catch (IOException)
            {
                // The reader ended early: its exit code and its error say why.
                writer.Kill();
            }

            await writer.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
            await reader.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            writer.Kill();
            reader.Kill();
            throw;
        }

        return (
            new ProgramResult(writer.ExitCode, "", (await writerError.ConfigureAwait(false)).Trim()),
            new ProgramResult(reader.ExitCode, (await said.ConfigureAwait(false)).Trim(), (await readerError.ConfigureAwait(false)).Trim()));
    }

    private static Process Start(string program, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment)
    {
        // The current folder may be closed to the user that the program runs as; the root folder never is.
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            CreateNoWindow = true,
            WorkingDirectory = Path.GetPathRoot(Environment.SystemDirectory) is { Length: > 0 } root ? root : "/",
        };
        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        foreach (var name in Inherited)
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
            {
                start.Environment[name] = value;
            }
        }

        // Messages in English: some of them decide what is done next.
        start.Environment["LC_ALL"] = "C";
        start.Environment["LANGUAGE"] = "C";
        foreach (var (name, value) in environment ?? new Dictionary<string, string>())
        {
            start.Environment[name] = value;
        }

        var process = new Process { StartInfo = start };
        process.Start();
        return process;
    }

    private static async Task FeedAsync(Process process, string input, CancellationToken cancellationToken)
    {
        await process.StandardInput.WriteAsync(input.AsMemory(), cancellationToken).ConfigureAwait(false);
        process.StandardInput.Close();
    }

    private static string Finished(Task<string> text) => text.IsCompletedSuccessfully ? text.Result.Trim() : "";
}

/// <summary>What a program left behind when it ended.</summary>
/// <param name="ExitCode">Exit code; 0 means success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);

/// <summary>Programs on the PATH.</summary>
internal static class SearchPath
{
    /// <summary>Folders of the PATH variable, in order.</summary>
    public static IEnumerable<string> Folders =>
        (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    /// <summary>File name of a program on this system.</summary>
    public static string FileName(string program) => OperatingSystem.IsWindows() ? program + ".exe" : program;

    /// <summary>Full path of a program, or null when it is not there. A root user's sbin folders are searched even when PATH lacks them.</summary>
    public static string? Find(string program)
    {
        IEnumerable<string> folders = OperatingSystem.IsWindows() ? Folders : Folders.Concat(["/usr/sbin", "/sbin"]);
        return folders.Select(folder => Path.Combine(folder, FileName(program))).FirstOrDefault(File.Exists);
    }
}
