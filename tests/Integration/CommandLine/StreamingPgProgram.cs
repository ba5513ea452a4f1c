using System.Diagnostics;

namespace StreamingPg.Tests.Integration.CommandLine;

/// <summary>Runs <c>streamingpg</c> as a process of its own, as cron would.</summary>
public sealed class StreamingPgProgram
{
    /// <summary>The program that <c>dotnet</c> runs: the one that the whole run has just published (STREAMINGPG_TEST_PROGRAM), which starts in half
    /// the time; otherwise the one beside these tests.</summary>
    public static string Assembly { get; } = Environment.GetEnvironmentVariable("STREAMINGPG_TEST_PROGRAM") is { Length: > 0 } published
        ? published
        : Path.Combine(AppContext.BaseDirectory, "StreamingPg.Cli.dll");

    private static readonly TimeSpan UsualStart = TimeSpan.FromSeconds(0.5);

    private readonly Dictionary<string, string> _environment = [];
    private string[] _connection = [];
    private string? _outputTo;

    /// <summary>A program that works on a database, with the password where other users cannot see it.</summary>
    public static StreamingPgProgram On(Npgsql.NpgsqlConnectionStringBuilder settings) => new()
    {
        _connection = ["--host", settings.Host!, "--port", $"{settings.Port}", "--database", settings.Database!, "--username", settings.Username!],
        _environment = { ["PGPASSWORD"] = settings.Password! },
    };

    /// <summary>Sets a variable of its environment.</summary>
    public StreamingPgProgram With(string variable, string value)
    {
        _environment[variable] = value;
        return this;
    }

    /// <summary>Sends its standard output to a file, such as /dev/full.</summary>
    public StreamingPgProgram WithOutputTo(string path)
    {
        _outputTo = path;
        return this;
    }

    /// <summary>Runs a command to its end; a connection's options are added.</summary>
    public Task<CommandLineResult> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    /// <summary>Runs a command that gets <paramref name="input"/> on standard input to its end.</summary>
    public async Task<CommandLineResult> RunWithInputAsync(string input, params string[] arguments)
    {
        using var process = Begin(arguments);
        await process.StandardInput.WriteAsync(input);
        process.StandardInput.Close();
        var output = process.StandardOutput.RestAsync();
        var error = process.StandardError.RestAsync();
        await process.EndAsync();
        return new CommandLineResult(process.ExitCode, await output, await error);
    }

    /// <summary>Starts a command; the caller ends it.</summary>
    public Process Start(params string[] arguments)
    {
        var process = Begin(arguments);
        process.StandardInput.Close();
        return process;
    }

    /// <summary>A command with more options, which stand before what is for another program (<c>--</c>).</summary>
    public static IEnumerable<string> With(string[] arguments, IEnumerable<string> options)
    {
        var own = arguments.TakeWhile(static argument => argument != "--").ToList();
        return [.. own, .. options, .. arguments.Skip(own.Count)];
    }

    /// <summary>
    /// Fails when something took longer than it is promised to. A machine that is busy with other things may take longer by as much as the start of
    /// a program takes longer now than on one that is not.
    /// </summary>
    public static async Task AssertInTimeAsync(TimeSpan elapsed, TimeSpan promise, string what)
    {
        if (elapsed >= promise)
        {
            var clock = Stopwatch.StartNew();
            (await new StreamingPgProgram().RunAsync("--version")).Expect(0);
            Assert.True(elapsed < promise * Math.Max(1, clock.Elapsed / UsualStart), $"{what} took {elapsed}, and the start of a program {clock.Elapsed}.");
        }
    }

    /// <summary>Settings of whoever runs the tests, or of a test beside this one, must not lead a program to another database or collector.</summary>
    public static void RemoveSettings(IDictionary<string, string?> environment)
    {
        foreach (var name in environment.Keys.Where(name => name.StartsWith("POSTGRES_", StringComparison.Ordinal)
            || name.StartsWith("PG", StringComparison.Ordinal) || name.StartsWith("OTEL_", StringComparison.Ordinal)).ToList())
        {
            environment.Remove(name);
        }
    }

    private Process Begin(string[] arguments)
    {
        var start = new ProcessStartInfo(_outputTo is null ? "dotnet" : "sh")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        if (_outputTo is not null)
        {
            start.ArgumentList.Add("-c");
            start.ArgumentList.Add("exec \"$@\" > \"$0\"");
            start.ArgumentList.Add(_outputTo);
            start.ArgumentList.Add("dotnet");
        }

        start.ArgumentList.Add(Assembly);
        foreach (var argument in With(arguments, _connection))
        {
            start.ArgumentList.Add(argument);
        }

        RemoveSettings(start.Environment);
        start.Environment["STREAMINGPG_SERVER_PATH"] = Path.Combine(Path.GetTempPath(), "streamingpg-no-such-server");
        foreach (var (name, value) in _environment)
        {
            start.Environment[name] = value;
        }

        return TestProcess.Start(start);
    }
}
