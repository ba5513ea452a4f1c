namespace StreamingPg.Cli.Infrastructure;

/// <summary>A file that a command wrote.</summary>
/// <param name="Path">Its full path.</param>
/// <param name="Bytes">Its size.</param>
internal sealed record WrittenFile(string Path, long Bytes);
