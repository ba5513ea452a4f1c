using StreamingPg.Core.Files;

namespace StreamingPg.Tests.Unit.Files;

/// <summary>What is there and is no regular file stays what it is.</summary>
public sealed class UserFileTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("streamingpg-file-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_file_is_replaced_only_when_that_is_meant()
    {
        var file = Path.Combine(_folder, "file");
        await WriteAsync(file, "first", overwrite: false);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync(file, "second", overwrite: false));
        Assert.Equal("first", await File.ReadAllTextAsync(file));
        await WriteAsync(file, "second", overwrite: true);
        Assert.Equal("second", await File.ReadAllTextAsync(file));
        Assert.Single(Directory.GetFiles(_folder));
    }

    [Fact]
    public async Task A_link_stays_and_leads_to_the_new_text()
    {
        var (folder, link) = (Path.Combine(_folder, "elsewhere"), Path.Combine(_folder, "link"));
        Directory.CreateDirectory(folder);
        var file = Path.Combine(folder, "file");
        await File.WriteAllTextAsync(file, "old");
        File.CreateSymbolicLink(link, file);

        await WriteAsync(link, "new", overwrite: true);

        Assert.Equal(file, new FileInfo(link).LinkTarget);
        Assert.Equal("new", await File.ReadAllTextAsync(file));
    }

    /// <summary>As root, a report to /dev/null replaced it by a file.</summary>
    [Fact]
    public async Task A_device_stays_a_device()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no devices among its files.");
        }

        await WriteAsync("/dev/null", "text", overwrite: true);

        Assert.False(UserFile.IsRegular("/dev/null"));
        Assert.Empty(await File.ReadAllBytesAsync("/dev/null"));
    }

    /// <summary>An export into it ended with "Could not find file load.sql": it passed for a device, which is never made.</summary>
    [Fact]
    public async Task Files_in_memory_are_regular()
    {
        if (!Directory.Exists("/dev/shm"))
        {
            Assert.Skip("This system has no /dev/shm.");
        }

        var file = $"/dev/shm/streamingpg-{Guid.NewGuid():N}";
        try
        {
            await WriteAsync(file, "text", overwrite: false);

            Assert.True(UserFile.IsRegular(file));
            Assert.Equal("text", await File.ReadAllTextAsync(file));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public async Task A_pipe_is_written_to()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no pipes among its files.");
        }

        var pipe = Path.Combine(_folder, "pipe");
        using (var made = System.Diagnostics.Process.Start("mkfifo", pipe))
        {
            Assert.True(made.WaitForExit(TimeSpan.FromSeconds(30)));
        }

        Assert.False(UserFile.IsRegular(pipe));
        Assert.True(UserFile.IsRegular(Path.Combine(_folder, "nothing")));
        var read = Task.Run(() => File.ReadAllText(pipe));
        await WriteAsync(pipe, "text", overwrite: true).WaitAsync(TimeSpan.FromMinutes(1));
        Assert.Equal("text", await read.WaitAsync(TimeSpan.FromMinutes(1)));
    }

    private static Task WriteAsync(string path, string text, bool overwrite) =>
        UserFile.WriteAsync(path, text, overwrite, CancellationToken.None);
}
