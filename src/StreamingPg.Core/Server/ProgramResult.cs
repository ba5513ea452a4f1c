namespace StreamingPg.Core.Server;

/// <summary>What a program left behind when it ended.</summary>
/// <param name="ExitCode">Exit code; 0 means success.</param>
/// <param name="Output">Standard output.</param>
/// <param name="Error">Standard error.</param>
internal sealed record ProgramResult(int ExitCode, string Output, string Error);
