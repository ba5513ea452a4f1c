using System.Text.Json.Serialization;

namespace StreamingPg.Core.Server;

/// <summary>Reads and writes <see cref="ServerRecord"/> without reflection, which a cold command would pay for.</summary>
[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(ServerRecord))]
internal sealed partial class ServerRecordContext : JsonSerializerContext;
