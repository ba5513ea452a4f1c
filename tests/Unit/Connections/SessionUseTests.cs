using System.Text.RegularExpressions;
using StreamingPg.Tests.Unit.Infrastructure;

namespace StreamingPg.Tests.Unit.Connections;

/// <summary>Every statement runs in a transaction that begins with the fixed settings: nobody opens a connection but Session.</summary>
public sealed class SessionUseTests
{
    /// <summary>Files that may, and why.</summary>
    private static readonly Dictionary<string, string> Exceptions = new()
    {
        ["StreamingPg.Core/Connections/ConnectionPool.cs"] = "opens, and asks with a qualified name whether a pooler stands between",
        ["StreamingPg.Core/Connections/DatabaseConnection.cs"] = "opens for Session",
        ["StreamingPg.Core/Connections/Session.cs"] = "is what opens and begins",
        ["StreamingPg.Core/Schema/ConcurrentIndex.cs"] = "CREATE INDEX CONCURRENTLY takes no transaction; it has columns of one table, whose name is qualified",
        ["StreamingPg.Core/Server/PrivateServer.cs"] = "CREATE DATABASE takes no transaction, and names nothing that is looked up",
        ["StreamingPg.Core/Snapshots/SnapshotServer.cs"] = "CREATE DATABASE and DROP DATABASE take no transaction, and name nothing that is looked up",
        ["StreamingPg.Core/Sql/ServerCall.cs"] = "opens for the pool",
        ["StreamingPg.Cmdlets/Commands/ConnectStreamingDatabaseCommand.cs"] = "opens, and runs nothing",
    };

    private static readonly Regex Around = new(
        @"(?<!\bSession)\.OpenAsync\(|\bOpenConnection(Async)?\(|\bBeginTransaction(Async)?\(|new NpgsqlConnection\(|\.CreateCommand\(|\.CreateBatch\(|""(BEGIN|START TRANSACTION)\b");

    /// <summary>Files that call the driver, and why.</summary>
    private static readonly Dictionary<string, string> Callers = new()
    {
        ["StreamingPg.Core/Export/CopySource.cs"] = "copies, through ServerCall",
        ["StreamingPg.Core/Loading/CopyTarget.cs"] = "copies, through ServerCall",
        ["StreamingPg.Core/Sql/CommandBatch.cs"] = "sends commands and reads their answers, through ServerCall",
        ["StreamingPg.Core/Sql/ServerCall.cs"] = "is what calls go through",
    };

    private static readonly Regex DriverCall = new(
        @"\.(ExecuteReader|ExecuteScalar|ExecuteNonQuery|BeginRawBinaryCopy|BeginBinaryImport|BeginBinaryExport|BeginTextImport|BeginTextExport|OpenConnection)(Async)?\(|\.PrepareAsync\(");

    [Fact]
    public void No_statement_goes_around_the_session() => Assert.Equal(Exceptions.Keys.Order(StringComparer.Ordinal), FilesWith(Around));

    /// <summary>A server that stands still holds whoever waits for the driver itself.</summary>
    [Fact]
    public void No_call_of_the_driver_goes_around_ServerCall() => Assert.Equal(Callers.Keys.Order(StringComparer.Ordinal), FilesWith(DriverCall));

    private static IOrderedEnumerable<string> FilesWith(Regex text)
    {
        var sources = RepositoryFile.Path("src");
        return Directory.EnumerateFiles(sources, "*.cs", SearchOption.AllDirectories)
            .Select(file => (Name: Path.GetRelativePath(sources, file).Replace('\\', '/'), File: file))
            .Where(file => !file.Name.Contains("/obj/", StringComparison.Ordinal) && !file.Name.Contains("/bin/", StringComparison.Ordinal))
            .Where(file => text.IsMatch(File.ReadAllText(file.File)))
            .Select(file => file.Name)
            .Order(StringComparer.Ordinal);
    }
}
