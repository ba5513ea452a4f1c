using System.Runtime.InteropServices;
using Npgsql;
using StreamingPg;
using StreamingPg.Core.Connections;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Server;
using StreamingPg.Tests.Net8;

// Arguments: a connection string, what to run, and what belongs to it.
Console.WriteLine(RuntimeInformation.FrameworkDescription);
await using var connection = new DatabaseConnection(new NpgsqlConnectionStringBuilder(args[0]), SettingsResolver.DefaultSchema, ConnectionSource.Parameter);
var lines = args[1..] switch
{
    ["engine", var folder] => EngineRun.RunAsync(connection, folder),
    ["import", var rows, var onConflict] => ImportRun.RunAsync(connection, int.Parse(rows), Enum.Parse<ConflictAction>(onConflict)),
    ["stream"] => LongStream.RunAsync(connection),
    _ => throw new ArgumentException($"What is {string.Join(' ', args[1..])}?"),
};
await foreach (var line in lines)
{
    Console.WriteLine(line);
}
