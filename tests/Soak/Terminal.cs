using System.Diagnostics;
using System.Globalization;

namespace StreamingPg.Soak;

/// <summary>A program in a terminal of its own (tmux), which can be typed into and closed.</summary>
internal sealed class Terminal : IDisposable
{
    // The first shell dies with the terminal, whereupon the kernel sends SIGHUP to the others. The second outlives that, to tell how the
    // program ended. The program itself gets every signal.
    private const string First = "sh \"$0\" \"$@\"; true";

    private const string Script =
        """
        trap '' HUP
        trap : INT TERM
        cd "$1"
        shift
        env --default-signal=HUP,INT,TERM sh -c 'echo $$ >program; exec "$@"' sh "$@"
        echo $? >exit.new
        mv exit.new exit
        """;

    private readonly string _folder;
    private readonly string _name = $"stops{Environment.ProcessId}";

    /// <param name="folder">An empty folder.</param>
    /// <param name="command">Program and arguments.</param>
    public Terminal(string folder, IReadOnlyList<string> command)
    {
        _folder = folder;
        Directory.CreateDirectory(folder);
        File.WriteAllText(Path.Combine(folder, "shell"), Script);
        File.WriteAllText(Path.Combine(folder, "said"), "");
        Tmux(["new-session", "-d", "-x", "250", "-y", "50", "-s", _name, "sh", "-c", First, Path.Combine(folder, "shell"), folder, .. command]);
        Tmux("pipe-pane", "-t", _name, $"cat >>{Path.Combine(folder, "said")}");
    }

    /// <summary>All that was shown, without the codes that move the cursor and set colours.</summary>
    public string Said => System.Text.RegularExpressions.Regex.Replace(
        File.ReadAllText(Path.Combine(_folder, "said")), @"\x1b(\[[0-9;?=<>]*[A-Za-z]|[=>]|\][^\a]*\a)|\r", "");

    /// <summary>The exit code, once the program has ended.</summary>
    public int? ExitCode => File.Exists(Path.Combine(_folder, "exit"))
        ? int.Parse(File.ReadAllText(Path.Combine(_folder, "exit")), CultureInfo.InvariantCulture) : null;

    /// <summary>Types Ctrl+C.</summary>
    public void Interrupt() => Tmux("send-keys", "-t", _name, "C-c");

    /// <summary>Sends a signal to the program.</summary>
    public void Signal(string signal) => Node.Signal(signal, [int.Parse(File.ReadAllText(Path.Combine(_folder, "program")), CultureInfo.InvariantCulture)]);

    /// <summary>Closes the terminal: the kernel sends SIGHUP, and nothing can be shown any more.</summary>
    public void Close() => Tmux("kill-session", "-t", _name);

    public void Dispose()
    {
        if (ExitCode is null)
        {
            Signal("KILL");
        }

        Close();
    }

    private void Tmux(params string[] arguments)
    {
        using var tmux = Process.Start(new ProcessStartInfo("tmux", ["-L", _name, .. arguments]) { RedirectStandardError = true })!;
        tmux.WaitForExit();
    }
}
