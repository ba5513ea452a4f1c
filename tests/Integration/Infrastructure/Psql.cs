using Npgsql;
using StreamingPg.Core.Server;

namespace StreamingPg.Tests.Integration.Infrastructure;

/// <summary>Runs statements through psql, as a person would.</summary>
internal static class Psql
{
    private const char FieldEnd = '\x1f';
    private const char RowEnd = '\x1e';

    /// <summary>Runs a statement and gives what psql printed, rows only; an error of psql or the server fails the test.</summary>
    public static async Task<string> RunAsync(TestDatabase database, string statement, params string[] options)
    {
        var result = await ProgramRunner.RunAsync(
            await FindAsync(),
            ["-X", "-v", "ON_ERROR_STOP=1", "-A", "-t", .. options, "-d", Conninfo(database.Settings()), "-c", statement],
            CancellationToken.None);
        Assert.True(result.ExitCode == 0, $"{statement}\n{result.Error}");
        return result.Output.ReplaceLineEndings("\n").Trim('\n');
    }

    /// <summary>Runs a query and gives its rows as text; NULL is an empty field.</summary>
    public static async Task<List<string[]>> QueryAsync(TestDatabase database, string statement)
    {
        var output = await RunAsync(database, statement, "-F", $"{FieldEnd}", "-R", $"{RowEnd}");
        return [.. output.Split(RowEnd).Select(row => row.Split(FieldEnd))];
    }

    /// <summary>On PATH, or beside the server programs, which come with it.</summary>
    private static async Task<string> FindAsync() =>
        SearchPath.Find("psql")
        ?? Path.Combine(
            (await ServerBinaries.FindAsync(major: null, CancellationToken.None)).Folder, SearchPath.FileName("psql"));

    private static string Conninfo(NpgsqlConnectionStringBuilder settings) =>
        $"host='{settings.Host}' port={settings.Port} dbname='{settings.Database}' user='{settings.Username}' password='{settings.Password}'";
}
