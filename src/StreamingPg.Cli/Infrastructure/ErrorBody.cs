namespace StreamingPg.Cli.Infrastructure;

/// <summary>What went wrong, for a program that reads it.</summary>
/// <param name="Id">Stable id such as <c>ConnectionRefused</c>.</param>
/// <param name="Kind">What kind of thing went wrong.</param>
/// <param name="Message">Problem and remedy in words.</param>
/// <param name="Remedy">What to do; may be empty.</param>
internal sealed record ErrorBody(string Id, StreamingErrorKind Kind, string Message, string Remedy);
