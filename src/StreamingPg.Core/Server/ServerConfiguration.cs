using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace StreamingPg.Core.Server;

/// <summary>The settings file that postgresql.conf includes; rewritten before each start.</summary>
internal static partial class ServerConfiguration
{
    /// <summary>Name of the file, in the data folder.</summary>
    public const string FileName = "streamingpg.conf";

    /// <summary>Machines with at least this much memory give the server a larger cache.</summary>
    private const long LargeMemoryBytes = 4L << 30;

    private const string WalLevel = "wal_level";
    private const string Minimal = "minimal";
    private const string WalSenders = "max_wal_senders";

    private static readonly string[] ReplicationSettings =
        [WalLevel, WalSenders, "archive_mode", "primary_conninfo", "summarize_wal", "synchronous_standby_names"];

    private static readonly string[] UserFiles = ["postgresql.conf", "postgresql.auto.conf"];

    /// <summary>Text of the file.</summary>
    /// <param name="port">Loopback port.</param>
    /// <param name="socketDirectory">Folder of the socket, or null for none.</param>
    /// <param name="walCompression">How whole pages in the WAL are compressed.</param>
    /// <param name="isReplicated">True if something reads the WAL, or may: <see cref="IsReplicated"/>.</param>
    /// <param name="extra">Settings that replace or add to the chosen ones.</param>
    /// <exception cref="StreamingException">A setting's name or value cannot be written.</exception>
    public static string Text(int port, string? socketDirectory, string walCompression, bool isReplicated, IReadOnlyDictionary<string, string> extra)
    {
        var settings = new SortedDictionary<string, string>(StringComparer.OrdinalIgnoreCase)
        {
            // A development server that swallows bulk loads: fewer checkpoints, durability untouched.
            ["shared_buffers"] = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes >= LargeMemoryBytes ? "512MB" : "128MB",
            ["max_wal_size"] = "4GB",
            ["checkpoint_timeout"] = "15min",
            ["wal_compression"] = walCompression,
            ["log_line_prefix"] = "%m [%p] %q%u@%d ",
        };
        if (!isReplicated)
        {
            // Nobody reads the WAL but the server itself after a crash: what a transaction loads into a table that it has emptied or made
            // need not be there, if the table's file is on the disk before the commit.
            settings[WalLevel] = Minimal;
            settings[WalSenders] = "0";
        }

        foreach (var (name, value) in extra)
        {
            settings[name] = value;
        }

        // Where it listens is ours alone: the address is what keeps the server private.
        settings["listen_addresses"] = "127.0.0.1";
        settings["port"] = port.ToString(CultureInfo.InvariantCulture);
        settings["unix_socket_directories"] = socketDirectory ?? "";
        settings["unix_socket_permissions"] = "0700";

        var text = new StringBuilder("# Written by StreamingPg before each start. Put your own settings below the include in postgresql.conf.\n");
        foreach (var (name, value) in settings)
        {
            text.Append(Line(name, value));
        }

        return text.ToString();
    }

    /// <summary>
    /// True if a server needs more in its WAL than a crash takes: somebody asked for it, in a setting of the start or in files that the
    /// server reads (a file that they include may do so too), there is a replication slot, without whose level the server would not start, or
    /// the server had more until now, so that backups and standbys may rely on it.
    /// </summary>
    /// <param name="data">The data folder.</param>
    /// <param name="extra">Settings of the start.</param>
    public static bool IsReplicated(string data, IReadOnlyDictionary<string, string> extra)
    {
        var slots = Path.Combine(data, "pg_replslot");
        var own = Path.Combine(data, FileName);
        return extra.Keys.Any(name => ReplicationSettings.Contains(name, StringComparer.OrdinalIgnoreCase))
            || File.Exists(Path.Combine(data, "standby.signal"))
            || (Directory.Exists(slots) && Directory.EnumerateDirectories(slots).Any())
            || UserFiles.Select(file => Path.Combine(data, file)).Where(File.Exists).SelectMany(File.ReadLines)
                .Any(MayReplicate)
            || (File.Exists(own) && !File.ReadLines(own).Contains(Line(WalLevel, Minimal).TrimEnd()));
    }

    private static bool MayReplicate(string line)
    {
        var setting = line.AsSpan().TrimStart();
        return (setting.StartsWith("include", StringComparison.OrdinalIgnoreCase) && !setting.Contains(FileName, StringComparison.Ordinal))
            || ReplicationSettings.Any(name => line.TrimStart().StartsWith(name, StringComparison.OrdinalIgnoreCase));
    }

    private static string Line(string name, string value)
    {
        if (!NamePattern().IsMatch(name) || value.AsSpan().IndexOfAny('\n', '\r', '\0') >= 0)
        {
            throw new StreamingException(
                ErrorIds.InvalidServerSetting,
                StreamingErrorKind.InvalidInput,
                $"The server setting \"{name}\" is invalid.",
                "Use letters, digits, _ and dots in the name, and one line for the value.",
                name);
        }

        var quoted = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
        return $"{name} = '{quoted}'\n";
    }

    [GeneratedRegex(@"^[A-Za-z_][A-Za-z0-9_.]*\z")]
    private static partial Regex NamePattern();
}

/// <summary>Chooses the port that a private server listens on.</summary>
internal static class LoopbackPort
{
    /// <summary>The wanted port; without one, the one used last if it is free; otherwise any free one.</summary>
    /// <exception cref="StreamingException">The wanted port is taken.</exception>
    public static int Choose(int? wanted, int? last)
    {
        if (wanted is { } port)
        {
            return IsFree(port) ? port : throw new StreamingException(
                ErrorIds.ServerPortTaken,
                StreamingErrorKind.ResourceExhausted,
                $"Port {port} of 127.0.0.1 is used by another program.",
                "Choose another port, or omit it to get a free one.",
                port);
        }

        return last is { } used && IsFree(used) ? used : FreePort();
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
