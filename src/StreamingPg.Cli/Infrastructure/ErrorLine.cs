namespace StreamingPg.Cli.Infrastructure;

/// <summary>An error as a JSON line.</summary>
/// <param name="Error">What went wrong.</param>
internal sealed record ErrorLine(ErrorBody Error);
