using System.Runtime.InteropServices;
using Npgsql;
using StreamingPg;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Net8;

// Arguments: a connection string, and an empty folder for an EngineRun; without it, a LongStream.
Console.WriteLine(RuntimeInformation.FrameworkDescription);
await using var connection = new DatabaseConnection(new NpgsqlConnectionStringBuilder(args[0]), SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
await foreach (var line in args is [_, var folder] ? EngineRun.RunAsync(connection, folder) : LongStream.RunAsync(connection))
{
    Console.WriteLine(line);
}
