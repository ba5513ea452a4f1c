using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Core.Model;
using StreamingPg.Tests.Integration.CommandLine;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>A way to import a file; gives the id of the error, or null when the file was loaded.</summary>
internal delegate Task<string?> FuzzDoor(TestDatabase database, byte[] bytes, InputFormat format);

internal static class FuzzDoors
{
    private static readonly StreamModel Model = MetadataReader.Parse(FuzzFile.Metadata);

    /// <summary>The engine that both doors call.</summary>
    public static async Task<string?> EngineAsync(TestDatabase database, byte[] bytes, InputFormat format)
    {
        try
        {
            var file = new InputFile { Format = format, Table = "t" };
            await using var importer = await RowImporter.BeginAsync(database.Connection, Model, new ImportOptions(), default);
            file.ReadInto(importer, Model, new MemoryStream(bytes), default);
            await importer.CompleteAsync(default);
            return null;
        }
        catch (StreamingException exception) when (exception.ErrorId.Length > 0 && exception.Message.Length > 0)
        {
            return exception.ErrorId;
        }
    }

    /// <summary>A process of the command line for each file, which lies in a folder.</summary>
    public static FuzzDoor CommandLine(string folder)
    {
        var metadata = Path.Combine(folder, "metadata.json");
        File.WriteAllText(metadata, FuzzFile.Metadata);
        return async (database, bytes, format) =>
        {
            var path = Path.Combine(folder, "rows." + format.ToString().ToLowerInvariant());
            await File.WriteAllBytesAsync(path, bytes);
            var result = await StreamingPgProgram.On(database.Settings()).RunAsync("import", "--metadata", metadata, "--table", "t", "--path", path, "--json");
            return result.ExitCode == 0 ? null
                : result.ExitCode is 1 or 2 && result.Error.Length > 0 && !result.Error.Contains("   at ", StringComparison.Ordinal) ? $"exit code {result.ExitCode}"
                : throw new InvalidOperationException($"exit code {result.ExitCode}: {result.Error}");
        };
    }
}
