namespace StreamingPg.Core.Connections;

/// <summary>How an error is named, and what to do about it.</summary>
/// <param name="ErrorId">Stable id.</param>
/// <param name="Kind">What kind of thing went wrong.</param>
/// <param name="Remedy">What to do, a sentence; may be empty.</param>
/// <param name="Target">The object concerned; null means the connection.</param>
internal sealed record ErrorDescription(string ErrorId, StreamingErrorKind Kind, string Remedy, object? Target = null);
