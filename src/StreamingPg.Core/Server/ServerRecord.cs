using System.Text.Json;
using System.Text.Json.Serialization;

namespace StreamingPg.Core.Server;

/// <summary>What is remembered of a private server between sessions, in <c>server.json</c>. No secret is in it.</summary>
/// <param name="Version">Version of the programs that ran it last.</param>
/// <param name="Port">Port it listened on last; kept so that other programs find it again.</param>
/// <param name="SocketDirectory">Folder of its socket, or null.</param>
/// <param name="Account">Operating system account that owns the cluster, or null when it is the user's own.</param>
internal sealed record ServerRecord(string? Version, int? Port, string? SocketDirectory, string? Account)
{
    /// <summary>The wal_level that a start asked for last; null when none did. A server with a logical slot does not start with less.</summary>
    public string? WalLevel { get; init; }

    /// <summary>Reads the file; an absent or damaged one counts as empty, since all of it can be found again.</summary>
    public static ServerRecord Read(string file)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllText(file), ServerRecordContext.Default.ServerRecord) ?? new ServerRecord(null, null, null, null);
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException or UnauthorizedAccessException or JsonException)
        {
            return new ServerRecord(null, null, null, null);
        }
    }

    /// <summary>Writes the file.</summary>
    public void Write(string file) => File.WriteAllText(file, JsonSerializer.Serialize(this, ServerRecordContext.Default.ServerRecord));
}

/// <summary>Reads and writes <see cref="ServerRecord"/> without reflection, which a cold command would pay for.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ServerRecord))]
internal sealed partial class ServerRecordContext : JsonSerializerContext;
