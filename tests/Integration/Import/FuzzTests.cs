using System.Globalization;
using System.Text;
using System.Text.Json;
using Npgsql;
using StreamingPg.Core.Loading.Import;
using StreamingPg.Core.Metadata;
using StreamingPg.Tests.Integration.Infrastructure;

namespace StreamingPg.Tests.Integration.Import;

/// <summary>
/// Files with every kind of damage: each is loaded exactly as the server's own COPY loads it (JSON: as json_populate_record does), or
/// refused by name. STREAMINGPG_FUZZ_FILES sets how many, STREAMINGPG_FUZZ_PROCESSES how
/// many by the command line, STREAMINGPG_FUZZ_SEED the first, STREAMINGPG_FUZZ_REPORT a file for the figures.
/// </summary>
[Collection(SharedPostgres.Name)]
public sealed class FuzzTests(PostgresFixture postgres)
{
    private static readonly int Files = Setting("STREAMINGPG_FUZZ_FILES", 150);
    private static readonly int Processes = Setting("STREAMINGPG_FUZZ_PROCESSES", 4);
    private static readonly int Seed = Setting("STREAMINGPG_FUZZ_SEED", 1);

    [Fact]
    public async Task A_damaged_csv_file_is_loaded_as_COPY_does_or_refused()
    {
        await using var fuzz = await FuzzDatabase.CreateAsync(postgres, FuzzDoors.EngineAsync);
        for (var number = 0; number < Files; number++)
        {
            await fuzz.CompareAsync($"csv {Seed + number}", FuzzFile.Csv(new Random(Seed + number)), InputFormat.Csv);
        }

        Write(fuzz.Report());
        Assert.True(fuzz.Differences.Count == 0, fuzz.Report());
    }

    [Fact]
    public async Task A_damaged_json_file_is_loaded_as_the_server_reads_it_or_refused()
    {
        await using var fuzz = await FuzzDatabase.CreateAsync(postgres, FuzzDoors.EngineAsync);
        for (var number = 0; number < Files; number++)
        {
            await fuzz.CompareAsync($"json {Seed + number}", FuzzFile.Json(new Random(Seed + number)), InputFormat.Json);
        }

        Write(fuzz.Report());
        Assert.True(fuzz.Differences.Count == 0, fuzz.Report());
    }

    [Theory]
    [InlineData(InputFormat.Csv)]
    [InlineData(InputFormat.Json)]
    public async Task The_command_line_makes_the_same_of_a_damaged_file(InputFormat format)
    {
        var folder = Directory.CreateTempSubdirectory("streamingpg-fuzz-");
        try
        {
            await using var fuzz = await FuzzDatabase.CreateAsync(postgres, FuzzDoors.CommandLine(folder.FullName));
            for (var number = 0; number < Processes; number++)
            {
                var random = new Random(Seed + number);
                await fuzz.CompareAsync(
                    $"command line {format} {Seed + number}", format == InputFormat.Csv ? FuzzFile.Csv(random) : FuzzFile.Json(random), format);
            }

            Write(fuzz.Report());
            Assert.True(fuzz.Differences.Count == 0, fuzz.Report());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void Damaged_metadata_is_read_or_refused_by_name()
    {
        var read = 0;
        for (var number = 0; number < Files * 5; number++)
        {
            var text = Encoding.UTF8.GetString(FuzzFile.Damage(Encoding.UTF8.GetBytes(FuzzFile.Metadata), new Random(Seed + number), from: 0));
            try
            {
                MetadataReader.Parse(text);
                read++;
            }
            catch (StreamingException exception)
            {
                Assert.NotEmpty(exception.ErrorId);
            }
            catch (Exception exception)
            {
                Assert.Fail($"metadata {Seed + number}: {exception}\n{text}");
            }
        }

        Write($"metadata: {Files * 5} files, {read} read, {(Files * 5) - read} refused by name");
    }

    /// <summary>Figures for those who ran it by hand.</summary>
    private static void Write(string report)
    {
        if (Environment.GetEnvironmentVariable("STREAMINGPG_FUZZ_REPORT") is { Length: > 0 } path)
        {
            File.AppendAllText(path, report + "\n");
        }
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : usual;
}
